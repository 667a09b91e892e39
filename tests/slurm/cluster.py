"""A Slurm cluster of two nodes on this machine, from Debian's slurm-wlm and munge."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
from running import stages

NODES = ("one", "two")
# A job may take the memory it asks for and no more. What a node has is what is said here, not what is there. Jobs that
# have ended are told of for a day: by default Slurm forgets them after five minutes, and a slow run takes longer.
CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
PlugStackConfig={folder}/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
MinJobAge=86400
GresTypes=gpu
PartitionName=main Nodes=ALL Default=YES
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=64000 Gres=gpu:1\n"
PROFILE = ("--workflow-profile", "workflow/profiles/slurm")
# What the plugin and the profile wait is longer than a job here.
QUICK = (
    "--slurm-init-seconds-before-status-checks",
    "2",
    "--max-status-checks-per-second",
    "1",
    "--latency-wait",
    "20",
)


class Cluster:
    """A running cluster in a folder of its own; nothing outside is written."""

    def __init__(self, folder):
        self.folder, self._daemons = folder, {}
        folder.chmod(0o711)  # or munged says that nobody could reach its socket
        (folder / "state").mkdir()
        (folder / "plugstack.conf").touch()
        (folder / "munge.key").write_bytes(os.urandom(1024))
        (folder / "munge.key").chmod(0o600)
        # A GPU that nobody uses: TensorFlow finds none and takes the CPU, but Slurm counts it.
        (folder / "gres.conf").write_text("".join(f"NodeName={name} Name=gpu File=/dev/null\n" for name in NODES))
        host, ports = socket.gethostname().partition(".")[0], iter(free_ports(1 + len(NODES)))
        text = CONF.format(folder=folder, host=host, port=next(ports))
        nodes = "".join(NODE.format(name=name, host=host, port=next(ports)) for name in NODES)
        (folder / "slurm.conf").write_text(text + nodes)
        # The plugin takes SLURM_CONF from srun's environment, so srun is told of the cluster by another way.
        srun = folder / "bin" / "srun"
        srun.parent.mkdir()
        srun.write_text(f'#!/bin/sh\nSLURM_CONF="{folder}/slurm.conf" exec {shutil.which("srun")} "$@"\n')
        srun.chmod(0o755)
        path = os.pathsep.join([str(srun.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environment = {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": path}

    def start(self, name, *command):
        """Start a daemon; what it says goes to a file of its name."""
        with open(self.folder / f"{name}.log", "a") as log:
            environment = {**os.environ, **self.environment}
            self._daemons[name] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def end(self, name, kill=False):
        """End a daemon, in order or at once."""
        daemon = self._daemons.pop(name)
        daemon.kill() if kill else daemon.terminate()
        daemon.wait(60)

    def start_controller(self):
        """Start slurmctld; it goes on from the state on disk."""
        self.start("slurmctld", "slurmctld", "-D")

    def up(self):
        """Start all daemons and wait until every node can take a job."""
        names = {"key-file": "munge.key", "socket": "munge.socket", "pid-file": "munge.pid", "seed-file": "munge.seed"}
        files = [f"--{option}={self.folder / name}" for option, name in names.items()]
        self.start("munged", "munged", "--foreground", f"--log-file={self.folder / 'munge.log'}", *files)
        until(lambda: (self.folder / "munge.socket").exists())
        self.start_controller()
        for name in NODES:
            self.start(name, "slurmd", "-D", "-N", name)
        until(lambda: self.call("sinfo", "--noheader", "--Node", "--format=%T").split() == ["idle"] * len(NODES))

    def down(self):
        """Cancel what is left of jobs, and end all daemons."""
        self.call("scancel", "--user=root")
        with contextlib.suppress(TimeoutError):
            until(lambda: not self.call("squeue", "--noheader"))
        for name in reversed(list(self._daemons)):
            self.end(name)

    def call(self, *command):
        """What a command of Slurm's prints."""
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    def jobs(self, rule, state):
        """The ids of the jobs of a rule, or of a group with its rules, that are in a state, first submitted first."""
        rows = self.call("squeue", "--states=all", "--noheader", "--sort=i", "--format=%i %T %k").splitlines()
        found = (row.split(" ", 2) for row in rows)
        return [
            job
            for job, current, comment in found
            if current == state and comment.split("_wildcards_")[0] == f"rule_{rule}"
        ]


def free_ports(count):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        places = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [place.getsockname()[1] for place in places]


def until(true, seconds=120, run=None):
    """Wait until ``true()``, and return that; raises `TimeoutError`. A run that ends meanwhile has failed."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert run is None or run.poll() is None, "the run ended too soon"
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} seconds")
        time.sleep(0.2)
    return found


def stage(place, name):
    """The process of a stage in a world's folder, if it runs; a job is no child of the Snakemake that submitted it."""
    for rule, process in stages(psutil.Process(1)):
        with contextlib.suppress(psutil.NoSuchProcess):
            if rule == name and process.cwd() == str(place.folder):
                return process
    return None
