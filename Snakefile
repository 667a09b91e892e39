# The front door. What depends on what stands in workflow/rules, what is computed in scripts, every setting in config.
from snakemake.utils import min_version

min_version("9.0")


configfile: f"{workflow.current_basedir}/config/sources.yaml"
configfile: f"{workflow.current_basedir}/config/config.yaml"


include: "workflow/rules/common.smk"


container: config["container"]


include: "workflow/rules/inputs.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/look.smk"


rule all:
    default_target: True
    input:
        reports(),
