"""Read what stages need from Snakemake's description of a job."""
