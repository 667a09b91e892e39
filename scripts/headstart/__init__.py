"""The package that the stages share: it computes, and knows nothing of Snakemake."""
