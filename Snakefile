# The front door. What depends on what stands in workflow/rules, what is computed in scripts, every setting in config.
from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/main_process.smk"


configfile: f"{workflow.current_basedir}/config/backbones/vgg16.yaml"
configfile: f"{workflow.current_basedir}/config/datasets/mnist.yaml"
configfile: f"{workflow.current_basedir}/config/datasets/dogs-vs-cats.yaml"
configfile: f"{workflow.current_basedir}/config/datasets/state-farm.yaml"
configfile: f"{workflow.current_basedir}/config/recipes/mnist.yaml"
configfile: f"{workflow.current_basedir}/config/recipes/transfer.yaml"
configfile: f"{workflow.current_basedir}/config/recipes/from-scratch.yaml"
configfile: f"{workflow.current_basedir}/config/config.yaml"


include: "workflow/rules/common.smk"


container: config["container"]


include: "workflow/rules/inputs.smk"
include: "workflow/inputs/data.smk"
include: "workflow/rules/data.smk"
include: "workflow/inputs/features.smk"
include: "workflow/rules/features.smk"
include: "workflow/inputs/train.smk"
include: "workflow/rules/train.smk"
include: "workflow/inputs/evaluate.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/inputs/report.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/page.smk"
include: "workflow/rules/classify.smk"


rule all:
    default_target: True
    input:
        reports(),
