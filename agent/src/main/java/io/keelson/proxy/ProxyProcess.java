package io.keelson.proxy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.agent.certificates.FollowedCertificate;
import io.keelson.controllers.process.GracefulShutdown;
import io.keelson.controllers.process.OwnOomScore;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.CallMetrics;
import io.keelson.controllers.runtime.CallRate;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.config.ConfigurationFile;
import io.keelson.proxy.config.ProxyConfiguration;
import io.keelson.proxy.config.ProxySettings;
import io.keelson.proxy.health.HealthPort;
import io.keelson.proxy.health.MetricsPort;
import io.keelson.proxy.health.ProxyHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxy as a process: it works, answers at its ports, and ends when it is told to or when its configuration changes. */
final class ProxyProcess {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyProcess.class);
    private static final long LOOK_MILLIS = 5000;
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final ProxySettings settings;
    private final Config api;
    private final @Nullable Path file;
    private final Parts ports = new Parts();

    /** Why ports are not open, as it was logged last. */
    private final Map<Callable<AutoCloseable>, String> told = new HashMap<>();

    /** @param file that the settings come from; null if they come from flags */
    ProxyProcess(ProxySettings settings, Config api, @Nullable Path file) {
        this.settings = settings;
        this.api = api;
        this.file = file;
    }

    /**
     * Works until this process is told to end.
     *
     * @return the exit code: 0 if it was told to end
     */
    int run() throws IOException {
        return GracefulShutdown.run(END_MAX, this::work);
    }

    private int work() throws IOException, InterruptedException {
        OwnOomScore.set(settings.configuration().oomScoreAdj());
        String before = content();
        ProxyMetrics metrics = new ProxyMetrics();
        try (Time time = Time.system();
                FollowedCertificate known = FollowedCertificate.of(api, time);
                KubernetesClient client = known.client(interceptors(metrics))) {
            ProxyHealth health = new ProxyHealth(time, settings.syncPeriod().multipliedBy(2));
            try (Proxy proxy = new Proxy(client, settings, Machine.local(), time, metrics, health)) {
                List<Callable<AutoCloseable>> wanted = wanted(proxy, health, metrics);
                listen(wanted);
                proxy.start();
                LOG.info("packets to Services are led to their endpoints on the node {}", settings.nodeName());
                while (proxy.isRunning()) {
                    Thread.sleep(LOOK_MILLIS);
                    listen(wanted);
                    if (!content().equals(before)) {
                        throw new IOException("content of the proxy server's configuration file was updated");
                    }
                }
                throw new IOException("the proxy ended by itself");
            }
        } finally {
            ports.close();
        }
    }

    private List<Interceptor> interceptors(ProxyMetrics metrics) {
        CallMetrics calls = new CallMetrics(metrics.registry());
        ProxyConfiguration.ClientConnection said = settings.configuration().clientConnection();
        List<Interceptor> interceptors = new ArrayList<>();
        if (said.qps() > 0) {
            interceptors.add(new CallRate(said.qps(), Math.max(1, said.burst()), calls));
        }
        interceptors.add(calls);
        return interceptors;
    }

    private String content() throws IOException {
        return file == null ? "" : Files.readString(file);
    }

    private List<Callable<AutoCloseable>> wanted(Proxy proxy, ProxyHealth health, ProxyMetrics metrics) {
        List<Callable<AutoCloseable>> wanted = new ArrayList<>();
        var healthz = settings.healthzAddress();
        if (healthz != null) {
            wanted.add(() -> new HealthPort(healthz, health, metrics::answered));
        }
        var figures = settings.metricsAddress();
        if (figures != null) {
            wanted.add(() -> new MetricsPort(
                    figures, metrics.registry(), proxy::mode, () -> ConfigurationFile.json(settings.configuration())));
        }
        return wanted;
    }

    /** Opens ports that are not open; those that cannot be are tried again, unless that is to end the process. */
    private void listen(List<Callable<AutoCloseable>> wanted) throws IOException, InterruptedException {
        for (Callable<AutoCloseable> port : List.copyOf(wanted)) {
            try {
                ports.opened(port.call());
                wanted.remove(port);
            } catch (IOException e) {
                if (settings.configuration().bindAddressHardFail()) {
                    throw e;
                }
                String problem = String.valueOf(e.getMessage());
                if (!problem.equals(told.put(port, problem))) {
                    LOG.error("{}; it is tried again every {} s", problem, LOOK_MILLIS / 1000);
                }
            } catch (InterruptedException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
