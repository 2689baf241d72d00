package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.leader.ElectionTerms;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.process.GracefulShutdown;
import io.keelson.controllers.process.Host;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.CallMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A component as a process: it takes part in the election, works while it leads, answers for its health meanwhile, and ends
 * in order when the machine tells it to.
 */
final class ComponentProcess {
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final ComponentSettings settings;

    /** A process that does not run yet. */
    ComponentProcess(ComponentSettings settings) {
        this.settings = settings;
    }

    /**
     * Works until this process is told to end, or does not lead any more; as {@link ComponentFlags#run} says.
     *
     * @return the exit code: 0 if it was told to end
     * @throws IOException if it cannot listen where it is to
     */
    int run(PrometheusRegistry metrics, Map<String, BooleanSupplier> checks, LedProcess.Work work, Runnable started)
            throws IOException {
        ProcessFigures.register(metrics);
        CallMetrics calls = new CallMetrics(metrics);
        List<Interceptor> interceptors = new ArrayList<>(settings.rate(calls));
        interceptors.add(calls);
        LedProcess process = new LedProcess(settings.config(), settings.terms(), identity(), interceptors);
        Map<String, BooleanSupplier> all = new LinkedHashMap<>();
        all.put("ping", () -> true);
        ElectionTerms terms = settings.terms();
        if (terms != null) {
            all.put("leaderElection", process::well);
            ProcessFigures.leads(metrics, terms.name(), process::leads);
        }
        all.putAll(checks);
        return GracefulShutdown.run(END_MAX, () -> {
            work(process, metrics, all, work, started);
            return 1;
        });
    }

    private void work(
            LedProcess process,
            PrometheusRegistry metrics,
            Map<String, BooleanSupplier> checks,
            LedProcess.Work work,
            Runnable started)
            throws IOException, InterruptedException {
        ReviewSettings reviews = settings.port().reviews();
        try (KubernetesClient tokens = client(reviews.authentication());
                KubernetesClient rights = client(reviews.authorization());
                SecurePort _ = serve(tokens, rights, metrics, checks)) {
            process.run(work, started);
        }
    }

    private KubernetesClient client(@Nullable Config own) {
        return ApiClient.of(own == null ? settings.config() : own, List.of());
    }

    private @Nullable SecurePort serve(
            KubernetesClient tokens,
            KubernetesClient rights,
            PrometheusRegistry metrics,
            Map<String, BooleanSupplier> checks)
            throws IOException {
        InetSocketAddress address = settings.address();
        if (address == null) {
            return null;
        }
        DelegatedAccess access =
                DelegatedAccess.of(tokens, rights, settings.port().reviews(), InstantSource.system());
        try {
            return new SecurePort(address, settings.port(), access, metrics, checks);
        } catch (IOException e) {
            throw new IOException("cannot listen at " + address + ": " + e.getMessage(), e);
        }
    }

    private static String identity() throws IOException {
        return Host.name() + '_' + UUID.randomUUID();
    }
}
