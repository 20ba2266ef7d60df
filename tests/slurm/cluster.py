"""A Slurm cluster of this machine alone: munged, slurmctld and two slurmd from Debian's packages, in a folder of its own.

The calling test runs in name spaces of its own (`isolate`): its network is a loopback that nobody else sees, so that ports cannot
collide and nothing listens to the outside, and every process it started, daemons and jobs included, ends with it, however it ends.
Nothing outside the folder is written or read, /etc/slurm and /etc/munge included.
"""
import os
import pathlib
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
import program  # noqa: E402

programs = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scancel", "scontrol", "squeue", "sinfo", "unshare", "ip")

CONFIG = """
ClusterName=jetpinn
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=7001
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
PluginDir={plugins}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
# Two nodes of one machine must not share the folder of their PMIx servers.
TmpFS={folder}/tmp-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
# Control groups and processor binding belong to the machine's own administration.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
KillWait=10
ReturnToService=2
# The nodes claim the processors given here, whatever the machine has.
SlurmdParameters=config_overrides
{nodes}
PartitionName=test Nodes=ALL Default=YES MaxTime=60 DefaultTime=5 State=UP
"""

isolation = ["unshare", "--pid", "--net", "--mount", "--fork", "--kill-child", "--mount-proc"]


def why_not():
    """The reason why this machine cannot run the cluster; empty when it can."""
    if os.geteuid() != 0:
        return "starting Slurm's daemons needs root"
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} not found; tests/run --all installs the packages of tests/packages"
    if os.environ.get("JETPINN_ISOLATED") != "1" and subprocess.run([*isolation, "true"], capture_output=True).returncode:
        return "no permission for name spaces of its own (unshare --pid --net --mount)"
    return ""


def isolate():
    """Goes on in name spaces of its own, where this process is the first and takes every other with it when it ends."""
    if os.environ.get("JETPINN_ISOLATED") == "1":
        # glibc resolves no name for a machine that has nothing but loopback addresses; this one stays on loopback too.
        subprocess.run(["ip", "address", "add", "198.51.100.1/32", "dev", "lo"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["JETPINN_ISOLATED"] = "1"
    os.execvp(isolation[0], [*isolation, sys.executable, *sys.argv])


def wait_for(condition, seconds, what):
    """The first true value of condition(); an error with `what`, a text or a function that gives one, when there is none in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise TimeoutError(f"{what() if callable(what) else what}: not within {seconds} s")


class Cluster:
    """`folder` holds configuration, keys, sockets, spool and logs; `environment` is what clients need."""

    def __init__(self, nodes=2, cpus=4):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-slurm-"))
        self.folder.chmod(0o755)  # munged wants its socket where others can reach it
        self.daemons = []
        self.nodes = [f"node{i}" for i in range(1, nodes + 1)]
        for name in ("state", *(f"{kind}-{node}" for kind in ("spool", "tmp") for node in self.nodes)):
            (self.folder / name).mkdir()
        host = socket.gethostname()
        lines = [f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={7002 + i} CPUs={cpus} State=UNKNOWN"
                 for i, node in enumerate(self.nodes)]
        plugins = next(pathlib.Path("/usr/lib").glob("*/slurm-wlm"), "/usr/lib/slurm")
        (self.folder / "slurm.conf").write_text(
            CONFIG.format(folder=self.folder, host=host, nodes="\n".join(lines), plugins=plugins))
        # Without the variables of a job that this test itself runs in.
        self.environment = {name: value for name, value in os.environ.items()
                            if not re.match(r"SLURM|SBATCH_|SRUN_|PMIX_|OMPI_|JETPINN_(?!PROGRAM)", name)}
        self.environment["SLURM_CONF"] = str(self.folder / "slurm.conf")

    def start(self):
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        self._daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
                     f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log",
                     f"--seed-file={self.folder}/munged.seed")
        wait_for((self.folder / "munge.socket").exists, 20, "munged's socket")
        self._daemon("slurmctld", "-D", "-i")
        for node in self.nodes:
            self._daemon("slurmd", "-D", "-N", node)
        wait_for(lambda: self.client("sinfo", "-h", "-o", "%T", check=False) == "idle\n", 60, "idle nodes")

    def _daemon(self, name, *arguments):
        with open(self.folder / f"{name}.out", "ab") as log:
            self.daemons.append(subprocess.Popen([shutil.which(name), *arguments], env=self.environment,
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT))

    def logs(self):
        """The last lines of every daemon, for a test that failed."""
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in self.folder.glob("*.log"))

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, *command, check=True, cwd=None, variables=None):
        """The standard output of a client program."""
        done = subprocess.run([*map(str, command)], env={**self.environment, **(variables or {})}, cwd=cwd, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=300)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def job(self, number):
        """What slurmctld knows about a job: {key: value}."""
        return dict(re.findall(r"(\w+(?:/\w+)?)=(\S*)", self.client("scontrol", "show", "job", "-o", number)))


class Case(unittest.TestCase):
    """A cluster for the whole class, and a scratch folder for each test."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)
        try:
            cls.cluster.start()
        except Exception:
            print(cls.cluster.logs(), file=sys.stderr)
            raise

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="jetpinn-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)


class StudyCase(Case):
    """Studies that submit their runs, of one short config; they leave what they found in the folder `study`."""

    def setUp(self):
        super().setUp()
        (self.folder / "heat.toml").write_text(program.HEAT)
        # What the machine of this test needs, as a site's own lines in the template would say it.
        self.site = {"OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,vader", "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
                     "OMPI_MCA_oob_tcp_if_include": "lo", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def study(self, *command, status=0):
        """What `jetpinn COMMAND --slurm` prints, which ends with `status`."""
        done = subprocess.run([program.program, *command, "--slurm", "--output", "study"], cwd=self.folder,
                              env={**self.cluster.environment, **self.site}, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        logs = "".join(f"== {log.name}\n{log.read_text()}" for log in self.folder.glob("study/jobs/*.out"))
        self.assertEqual(done.returncode, status, done.stdout + logs)
        return done.stdout


def main(what):
    """Runs the calling module's tests, alone with their cluster; 77 with a reason where this machine cannot."""
    reason = why_not()
    if reason:
        print(f"not run: {what} in a real Slurm: {reason}")
        sys.exit(77)
    isolate()
    program.main()
