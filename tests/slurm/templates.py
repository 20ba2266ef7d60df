#!/usr/bin/env python3
"""The batch templates of jobs/ in a real Slurm: what becomes of a job that ends, is stopped, loses a rank, or runs out of time."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

import cluster as slurm
from cluster import program, wait_for

ENDLESS = 100_000_000
settings = """
[output]
log_every = "0.5 s"
checkpoint = { every = "1 s" }
"""
# What the machine of this test needs, as a site's own lines in the templates would say it: one machine plays two nodes.
site = {
    "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self,vader,tcp", "OMPI_MCA_btl_tcp_if_include": "lo",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMPI_MCA_oob_tcp_if_include": "lo",
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
}
# A program that ends each rank with a status of its own: STATUSES="75 4".
fake_program = """#!/usr/bin/env bash
statuses=($STATUSES)
status=${statuses[$SLURM_PROCID]}
echo "$SLURM_PROCID $status" >>"$JETPINN_STATUS_FILE"
exit "$status"
"""


def running_ranks():
    """Processes of the program in this name space."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0] == program.program.encode():
                found.append(int(entry.name))
    return found


class Templates(slurm.Case):
    def setUp(self):
        super().setUp()
        self.write_config(ENDLESS)
        self.jobs = []
        self.addCleanup(self.clear)

    def clear(self):
        for job in self.jobs:
            self.cluster.client("scancel", job, check=False)
        for job in self.jobs:
            wait_for(lambda: not self.cluster.client("squeue", "-h", "-j", job, check=False), 60, lambda: self.story(job))

    def write_config(self, steps):
        text = program.HEAT.replace("steps = 20", f"steps = {steps}").replace("[[training.stages]]",
                                                                             'reproducibility = "run"\n[[training.stages]]')
        (self.folder / "heat.toml").write_text(text + settings)

    def submit(self, template, *arguments, options=(), **variables):
        return self.submit_script(program.root / "jobs" / f"{template}.sbatch", *arguments, options=options, **variables)

    def submit_script(self, script, *arguments, options=(), **variables):
        job = self.cluster.client("sbatch", "--parsable", *options, script, *arguments, cwd=self.folder, variables={**site, **variables}).strip()
        self.jobs.append(job)
        return job

    def log(self, job):
        path = self.folder / f"slurm-{job}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    def story(self, job):
        facts = self.cluster.job(job)
        return f"job {job}, {facts['JobState']} ({facts['Reason']}), restarts {facts['Restarts']}; its log:\n{self.log(job)}\n"

    def ended(self, job, state, code, seconds=120):
        """Waits until the job is over and checks how."""
        def over():
            facts = self.cluster.job(job)
            return facts["JobState"] not in ("PENDING", "RUNNING", "COMPLETING", "CONFIGURING") and facts
        facts = wait_for(over, seconds, lambda: self.story(job))
        self.assertEqual((facts["JobState"], facts["ExitCode"]), (state, code), self.log(job))
        self.assertEqual(running_ranks(), [])
        return facts

    def requeued(self, job, times, seconds=120):
        """Waits until the job was requeued."""
        def pending():
            facts = self.cluster.job(job)
            return facts["JobState"] == "PENDING" and facts["Restarts"] == str(times)
        wait_for(pending, seconds, lambda: self.story(job))
        self.assertEqual(running_ranks(), [])

    def restart(self, job):
        """Lets a requeued job start without the two minutes for which Slurm holds it."""
        time.sleep(3)  # within a second or so a node still refuses the job that it has just ended ("credential revoked")
        self.cluster.client("scontrol", "update", f"JobId={job}", "StartTime=now")

    def steps(self, run):
        """Steps logged so far."""
        path = self.folder / run / "metrics.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return json.loads(lines[-1])["step"] if lines else 0

    def summary(self, run):
        return json.loads((self.folder / run / "summary.json").read_text())

    def trains(self, run, beyond=1, seconds=90):
        wait_for(lambda: self.steps(run) > beyond, seconds, lambda: f"step {beyond} of {run}; {self.story(self.jobs[-1])}")

    def same_as_uninterrupted(self, run, ranks=2):
        """The run, completed after interruptions, has the parameters of one that never stopped."""
        summary = self.summary(run)
        self.assertEqual(summary["status"], "completed")
        self.cluster.client("srun", f"--ntasks={ranks}", program.program, "train", "heat.toml", "--output", "uninterrupted",
                            "--quiet", cwd=self.folder, variables={**site, "OMP_NUM_THREADS": "1"})
        self.assertEqual(self.summary("uninterrupted")["steps"], summary["steps"])
        self.assertEqual(self.summary("uninterrupted")["parameter_hash"], summary["parameter_hash"])

    def goes_on_to_the_end(self, job, run):
        """Lets a requeued job with an endless config complete a little later, and compares."""
        reached = self.summary_or_checkpoint(run)
        self.write_config(reached + 1500)
        self.restart(job)
        self.ended(job, "COMPLETED", "0:0")
        self.assertRegex(self.log(job), r"goes on from \S+/step-0*[1-9]")
        self.same_as_uninterrupted(run)

    def summary_or_checkpoint(self, run):
        names = [path.name for path in (self.folder / run / "checkpoints").glob("step-*")]
        return max(int(name.removeprefix("step-")) for name in names)

    # -- ends ------------------------------------------------------------------------------------------------------------

    def test_a_job_completes(self):
        self.write_config(100)
        job = self.submit("train", "heat.toml", "--output", "run", "--set", "training.seed=5")
        self.ended(job, "COMPLETED", "0:0")
        self.assertEqual((self.summary("run")["status"], self.summary("run")["ranks"]), ("completed", 2))
        self.assertIn("seed = 5", (self.folder / "run/config.toml").read_text())
        self.assertEqual(list(self.folder.glob("slurm-*.ranks")), [])

    def test_two_nodes(self):
        self.write_config(100)
        # Both nodes are this machine: segments of shared memory, named after the machine and the rank on its node, would collide.
        job = self.submit("train", "heat.toml", "--output", "run", options=["--nodes=2", "--ntasks-per-node=2"],
                          OMPI_MCA_btl="self,tcp")
        self.ended(job, "COMPLETED", "0:0")
        self.assertEqual(self.summary("run")["ranks"], 4)
        self.assertIn("4 ranks on node[1-2]", self.log(job))

    def test_a_config_error_fails_the_job(self):
        job = self.submit("train", "heat.toml", "--set", "network.hiden=[8]")
        facts = self.ended(job, "FAILED", "2:0")
        self.assertEqual(facts["Restarts"], "0")
        self.assertIn("hiden", self.log(job))

    def test_a_program_that_is_not_built(self):
        job = self.submit("train", "heat.toml", JETPINN_PROGRAM="/nowhere/jetpinn")
        self.ended(job, "FAILED", "2:0")
        self.assertIn("/nowhere/jetpinn is not built", self.log(job))

    def test_a_copied_template(self):
        self.write_config(20)
        copy = shutil.copy(program.root / "jobs/train.sbatch", self.folder / "mine.sbatch")
        self.ended(self.submit_script(copy, "heat.toml", JETPINN_ROOT=str(program.root)), "COMPLETED", "0:0")
        job = self.submit_script(copy, "heat.toml")
        self.ended(job, "FAILED", "2:0")
        self.assertIn("set JETPINN_ROOT", self.log(job))

    def test_statuses(self):
        fake = self.folder / "fake"
        fake.write_text(fake_program)
        fake.chmod(0o755)
        for statuses, wanted in (("3 3", 3), ("5 5", 5), ("75 4", 4), ("75 2", 2), ("0 0", 0), ("75 75", 75)):
            job = self.submit("train", "heat.toml", JETPINN_PROGRAM=str(fake), STATUSES=statuses, JETPINN_MAX_LOST="0",
                              JETPINN_MAX_RESTARTS="0")
            with self.subTest(statuses):
                self.ended(job, "FAILED" if wanted else "COMPLETED", f"{wanted}:0")

    # -- stops -----------------------------------------------------------------------------------------------------------

    def test_the_time_limit_requeues(self):
        # Of a minute, the limit, 50 s before the end leave ten.
        job = self.submit("train", "heat.toml", "--output", "run", options=["--time=1", "--signal=USR1@50"])
        self.requeued(job, 1)
        self.assertEqual(self.summary("run")["stopped_by"], "signal", self.log(job))
        self.goes_on_to_the_end(job, "run")

    def test_the_program_stops_before_the_limit_without_a_signal(self):
        job = self.submit("train", "heat.toml", "--output", "run", options=["--time=1", "--signal=USR2@0"])
        self.requeued(job, 1)
        self.assertEqual(self.summary("run")["stopped_by"], "time", self.log(job))
        self.assertNotIn("DUE TO TIME LIMIT", self.log(job))
        self.goes_on_to_the_end(job, "run")

    def test_a_job_whose_time_is_up_before_it_stopped_requeues(self):
        # Deaf to all but TERM, which comes with the limit: Slurm is ending the job already.
        deaf = self.folder / "deaf"
        deaf.write_text('#!/usr/bin/env bash\ntrap \'echo "$SLURM_PROCID 75" >>"$JETPINN_STATUS_FILE"; exit 75\' TERM\n'
                        "while :; do sleep 0.2; done\n")
        deaf.chmod(0o755)
        job = self.submit("train", "heat.toml", options=["--time=1"], JETPINN_PROGRAM=str(deaf))
        self.requeued(job, 1, seconds=150)
        self.assertIn("DUE TO TIME LIMIT", self.log(job))

    def test_a_request_before_the_program_listens_does_not_kill_it(self):
        slow = self.folder / "slow"
        slow.write_text('#!/usr/bin/env bash\ntouch began\nsleep 4\necho "$SLURM_PROCID 0" >>"$JETPINN_STATUS_FILE"\n')
        slow.chmod(0o755)
        job = self.submit("train", "heat.toml", JETPINN_PROGRAM=str(slow))
        wait_for((self.folder / "began").exists, 30, lambda: self.story(job))
        self.cluster.client("scancel", "--signal=USR1", job)
        self.ended(job, "COMPLETED", "0:0")

    def test_restarts_have_an_end(self):
        job = self.submit("train", "heat.toml", "--output", "run", JETPINN_MAX_RESTARTS="0")
        self.trains("run")
        self.cluster.client("scancel", "--signal=USR1", job)
        self.ended(job, "FAILED", "75:0")
        self.assertIn("JETPINN_MAX_RESTARTS", self.log(job))

    def test_a_stop_for_good_on_request(self):
        job = self.submit("train", "heat.toml", "--output", "run")
        self.trains("run")
        self.cluster.client("scontrol", "update", f"JobId={job}", "Requeue=0")
        self.cluster.client("scancel", "--signal=USR1", job)
        self.ended(job, "FAILED", "75:0")
        self.assertEqual(self.summary("run")["stopped_by"], "signal")

    def test_the_batch_shell_passes_a_request_on(self):
        job = self.submit("train", "heat.toml", "--output", "run")
        self.trains("run")
        self.cluster.client("scancel", "--signal=USR1", "--batch", job)
        self.requeued(job, 1)
        self.assertEqual(self.summary("run")["stopped_by"], "signal")

    def test_scancel(self):
        job = self.submit("train", "heat.toml", "--output", "run")
        self.trains("run")
        self.cluster.client("scancel", job)
        facts = self.cancelled(job)
        self.assertEqual(facts["Restarts"], "0")
        self.assertEqual(self.summary("run")["stopped_by"], "signal", self.log(job))
        self.assertGreater(self.summary_or_checkpoint("run"), 0)

    def cancelled(self, job):
        facts = wait_for(lambda: self.cluster.job(job)["JobState"] == "CANCELLED" and self.cluster.job(job), 60,
                         f"the end of job {job}")
        wait_for(lambda: not running_ranks(), 30, "the end of the ranks")
        time.sleep(2)  # a job that requeued itself would be back by now
        self.assertEqual(self.cluster.job(job)["JobState"], "CANCELLED", self.log(job))
        return facts

    def test_scontrol_requeue(self):
        job = self.submit("train", "heat.toml", "--output", "run")
        self.trains("run")
        self.cluster.client("scontrol", "requeue", job)
        self.requeued(job, 1)
        self.goes_on_to_the_end(job, "run")

    # -- losses ----------------------------------------------------------------------------------------------------------

    def kill_rank(self, job, rank, how=signal.SIGKILL):
        pids = re.findall(rf"^rank {rank} host \S+ pid (\d+)", self.log(job), re.MULTILINE)
        os.kill(int(pids[-1]), how)

    def test_a_killed_rank_requeues(self):
        job = self.submit("train", "heat.toml", "--output", "run")
        wait_for(lambda: self.has_checkpoint("run"), 60, "a checkpoint")
        self.kill_rank(job, 1)
        self.requeued(job, 1, seconds=30)
        self.assertIn("a rank was lost", self.log(job))
        self.goes_on_to_the_end(job, "run")
        self.assertEqual(list(self.folder.glob("slurm-*.lost")), [])

    def has_checkpoint(self, run):
        folder = self.folder / run / "checkpoints"
        return folder.exists() and self.summary_or_checkpoint(run) > 0 if list(folder.glob("step-*")) else False

    def test_a_stopped_rank_of_another_node_requeues(self):
        job = self.submit("train", "heat.toml", "--output", "run", "--set", "run.deadline=4", options=["--nodes=2", "--ntasks-per-node=1"],
                          OMPI_MCA_btl="self,tcp")
        self.trains("run")
        self.kill_rank(job, 1, signal.SIGSTOP)
        self.requeued(job, 1, seconds=60)
        self.assertRegex(self.log(job), r"jetpinn: .*rank 1")

    def test_a_killed_rank_fails_the_job_in_the_end(self):
        job = self.submit("train", "heat.toml", "--output", "run", JETPINN_MAX_LOST="1")
        self.trains("run")
        self.kill_rank(job, 1)
        self.requeued(job, 1, seconds=30)
        begun = self.log(job).count("rank 1 host")
        self.restart(job)
        wait_for(lambda: self.log(job).count("rank 1 host") > begun, 60, "the second start")
        self.kill_rank(job, 1)
        self.ended(job, "FAILED", "4:0")
        self.assertIn("JETPINN_MAX_LOST", self.log(job))

    # -- other templates ---------------------------------------------------------------------------------------------------

    def test_an_array(self):
        self.write_config(50)
        (self.folder / "sweep.txt").write_text("# widths\n--set network.hidden=[8]\n\n  --set network.hidden=[12,12] --set 'name=\"two words\"'\n")
        job = self.submit("array", "heat.toml", "sweep.txt", "--seed", "7", options=["--array=1-3"])
        for task, state, code in ((1, "COMPLETED", "0:0"), (2, "COMPLETED", "0:0"), (3, "FAILED", "2:0")):
            self.ended(f"{job}_{task}", state, code)
        for task, wanted in ((1, "hidden = [8]"), (2, "hidden = [12, 12]")):
            config = (self.folder / f"runs/sweep/{task}/config.toml").read_text().replace("[ ", "[").replace(" ]", "]")
            self.assertIn(wanted, config)
            self.assertIn("seed = 7", config)
        self.assertIn('"two words"', (self.folder / "runs/sweep/2/config.toml").read_text().replace("'", '"'))
        self.assertIn("no line 3", self.log(f"{job}_3"))

    def test_a_task_of_an_array_requeues_alone(self):
        (self.folder / "sweep.txt").write_text("--set training.seed=1\n--set training.seed=2\n")
        job = self.submit("array", "heat.toml", "sweep.txt", options=["--array=1-2"])
        self.trains("runs/sweep/1")
        self.trains("runs/sweep/2")
        # The last task carries the number of the whole array.
        self.cluster.client("scancel", "--signal=USR1", f"{job}_2")
        self.requeued_task(f"{job}_2")
        self.assertEqual(self.cluster.job(f"{job}_1")["JobState"], "RUNNING")

    def requeued_task(self, task):
        wait_for(lambda: self.cluster.job(task)["Restarts"] == "1", 60, lambda: self.story(task))

    def test_debug(self):
        job = self.submit("debug", "heat.toml", "--output", "run")
        self.trains("run")
        self.assertIn('reproducibility = "ranks"', (self.folder / "run/config.toml").read_text().replace("'", '"'))
        if shutil.which("gdb"):
            rank, node, pid = 1, "node1", re.findall(r"rank 1 host \S+ pid (\d+)", self.log(job))[-1]
            # Inside a product's generated code there are no frames to follow (docs/slurm.md): a later moment is elsewhere.
            for _ in range(10):
                stack = self.cluster.client("srun", f"--jobid={job}", "--overlap", f"--nodelist={node}", "--nodes=1", "--ntasks=1",
                                            "gdb", "-p", pid, "-batch", "-ex", "thread apply 1 backtrace", check=False)
                if "main" in stack:
                    break
            self.assertIn("main", stack)
        self.cluster.client("scancel", "--signal=USR1", job)
        self.ended(job, "FAILED", "75:0")

    @unittest.skipUnless(shutil.which("gdb"), "gdb not found; tests/run --all installs the packages of tests/packages")
    def test_every_rank_under_a_debugger(self):
        self.write_config(20)
        job = self.submit("debug", "heat.toml", "--output", "run", JETPINN_UNDER="gdb -batch -ex run --args")
        self.ended(job, "COMPLETED", "0:0")
        self.assertEqual(self.log(job).count("exited normally"), 2, self.log(job))
        self.assertEqual(self.summary("run")["status"], "completed")

    def test_mpirun_in_place_of_srun(self):
        job = self.submit("train", "heat.toml", "--output", "run", JETPINN_LAUNCHER="mpirun")
        self.trains("run")
        self.cluster.client("scancel", "--signal=USR1", "--batch", job)
        self.requeued(job, 1)
        self.goes_on_to_the_end(job, "run")

    def test_outside_a_job(self):
        done = subprocess.run(["bash", program.root / "jobs/train.sbatch", "heat.toml"], text=True, capture_output=True,
                              env={**self.cluster.environment, "JETPINN_ROOT": str(program.root)})
        self.assertEqual(done.returncode, 2)
        self.assertIn("sbatch train.sbatch", done.stderr)


if __name__ == "__main__":
    slurm.main("the batch templates")
