package io.keelson.benchmarks.scheduler;

import io.keelson.benchmarks.api.ApiConnection;
import io.keelson.benchmarks.cluster.ApiObjects;
import io.keelson.benchmarks.cluster.Component;
import io.keelson.benchmarks.cluster.Launcher;
import io.keelson.benchmarks.cluster.MetricsText;
import io.keelson.benchmarks.cluster.RunningApi;
import io.keelson.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An API server and a scheduler, each a process of its own. */
final class TestedCluster implements AutoCloseable {
    /** As scheduler_perf has it: pods need no account, nodes are ready at once, pods say their priority by number. */
    private static final String ADMISSION = "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition,Priority";

    private static final int SETTLE_ROUNDS_MAX = 40;
    private static final long IDLE_MICROS = 30_000;

    private final RunningApi api;
    private final Component scheduler;
    private final ApiConnection metrics;

    /**
     * What is started.
     *
     * @param scheduler the command of another scheduler; null for this project's
     * @param kubeconfig of an API server that runs already; null to start one
     * @param apiPids of that one
     * @param atOnce how many objects are made at a time
     */
    record Parts(@Nullable List<String> scheduler, @Nullable Path kubeconfig, List<Long> apiPids, int atOnce) {}

    private TestedCluster(RunningApi api, Component scheduler, ApiConnection metrics) {
        this.api = api;
        this.scheduler = scheduler;
        this.metrics = metrics;
    }

    /**
     * Starts both, and waits until they are ready.
     *
     * @param gates features that are to be on or off
     * @throws ApiObjects.NotServed if the API server does not start with these features
     */
    static TestedCluster start(Launcher launcher, Parts parts, Map<String, Boolean> gates)
            throws IOException, InterruptedException {
        RunningApi api = api(launcher, parts, gates);
        Component scheduler = null;
        try {
            int port = Launcher.freePort();
            scheduler = launcher.scheduler(parts.scheduler(), api.kubeconfig(), port, gates);
            ApiConnection metrics = api.component(port);
            RunningApi.awaitWell(scheduler, metrics);
            return new TestedCluster(api, scheduler, metrics);
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (scheduler != null) {
                scheduler.close();
            }
            api.close();
            throw e;
        }
    }

    private static RunningApi api(Launcher launcher, Parts parts, Map<String, Boolean> gates)
            throws IOException, InterruptedException {
        if (parts.kubeconfig() != null) {
            return RunningApi.at(parts.kubeconfig(), parts.apiPids(), parts.atOnce());
        }
        List<String> flags = new ArrayList<>(List.of(ADMISSION));
        if (gates.isEmpty()) {
            return RunningApi.start(launcher, flags, parts.atOnce());
        }
        flags.add("--feature-gates=" + Launcher.text(gates));
        if (gates.getOrDefault("GenericWorkload", false)) {
            flags.add("--runtime-config=scheduling.k8s.io/v1alpha2=true");
        }
        try {
            return RunningApi.start(launcher, flags, parts.atOnce());
        } catch (IOException e) {
            String why = String.valueOf(e.getMessage()).strip();
            throw new ApiObjects.NotServed("the API server does not start with " + Launcher.text(gates) + ": "
                    + why.substring(why.lastIndexOf('\n') + 1));
        }
    }

    RunningApi api() {
        return api;
    }

    ApiObjects objects() {
        return api.objects();
    }

    List<Long> schedulerPids() {
        return List.of(scheduler.pid());
    }

    MetricsText metrics() throws IOException, InterruptedException {
        return RunningApi.metrics(metrics);
    }

    /** @throws IOException if one of the two has ended */
    void checkAlive() throws IOException {
        api.checkAlive();
        scheduler.checkAlive();
    }

    /** Waits, half a minute at most, until neither has much to do any more. */
    void settle() throws InterruptedException {
        List<Long> pids = new ArrayList<>(api.pids());
        pids.add(scheduler.pid());
        long before = ProcessUsage.cpuMicros(pids);
        for (int round = 0; round < SETTLE_ROUNDS_MAX; round++) {
            TimeUnit.MILLISECONDS.sleep(750);
            long now = ProcessUsage.cpuMicros(pids);
            if (now - before < IDLE_MICROS) {
                return;
            }
            before = now;
        }
    }

    @Override
    public void close() {
        metrics.close();
        scheduler.close();
        api.close();
    }
}
