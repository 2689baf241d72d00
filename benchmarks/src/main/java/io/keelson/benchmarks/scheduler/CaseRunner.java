package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.cluster.ApiObjects;
import io.keelson.benchmarks.cluster.CaseFlags;
import io.keelson.benchmarks.cluster.Launcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs sizes of cases, each on an API server and a scheduler of its own: first smaller, so that both are warm, then as
 * often as is asked. Between runs all pods and nodes are deleted.
 */
final class CaseRunner {
    private final CaseFlags.Given given;
    private final TestedCluster.Parts parts;
    private final WorkloadRun.Usual usual;
    private final Consumer<String> progress;

    CaseRunner(CaseFlags.Given given, TestedCluster.Parts parts, WorkloadRun.Usual usual, Consumer<String> progress) {
        this.given = given;
        this.parts = parts;
        this.usual = usual;
        this.progress = progress;
    }

    /** Runs one; whatever goes wrong in it is its outcome. */
    Outcome run(Selection.Chosen chosen) throws InterruptedException {
        Launcher launcher;
        try {
            launcher = Launcher.inTemporaryFolder(given.keelson());
        } catch (IOException e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        }
        Outcome outcome;
        try {
            outcome = run(chosen, launcher);
        } catch (ApiObjects.NotServed e) {
            outcome = new Outcome.NotRun(String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            return new Outcome.Failed(e.getMessage() + " (logs: " + launcher.folder() + ")");
        }
        launcher.deleteFolder();
        return outcome;
    }

    private Outcome run(Selection.Chosen chosen, Launcher launcher) throws IOException, InterruptedException {
        PerfCase perfCase = chosen.perfCase();
        PerfCase.Workload workload = chosen.workload().scaled(given.scale());
        List<Measured> all = new ArrayList<>();
        try (TestedCluster cluster = TestedCluster.start(launcher, parts, perfCase.gates(workload))) {
            for (int time = 1; given.warmUp() > 0 && time <= given.warmUpTimes(); time++) {
                progress.accept("warming " + chosen.name() + (time == 1 ? "" : ", time " + time));
                var _ = once(cluster, perfCase, workload.scaled(given.warmUp()));
            }
            for (int round = 1; round <= given.rounds(); round++) {
                progress.accept("measuring " + chosen.name() + ", round " + round);
                List<Measured> measured = once(cluster, perfCase, workload);
                if (measured.size() != 1) {
                    throw new IOException(perfCase.name() + " measures " + measured.size()
                            + " times; one operation of it is to collect metrics");
                }
                all.add(measured.getFirst());
            }
        }
        return new Outcome.Done(Measured.median(all));
    }

    private List<Measured> once(TestedCluster cluster, PerfCase perfCase, PerfCase.Workload workload)
            throws IOException, InterruptedException {
        WorkloadRun run = new WorkloadRun(cluster, perfCase, workload, usual);
        List<Measured> measured;
        try {
            measured = run.run();
        } finally {
            run.stop();
        }
        run.clean();
        cluster.settle();
        return measured;
    }
}
