package io.keelson.agent.certificates;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.manager.CertifiedKey;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a part is known to the API that does not renew its certificate itself: by what a kubeconfig says. Where that names a file of
 * a certificate, as that of a node does, which the node's agent renews, the file is read again every minute, and another
 * certificate in it counts from then on: without that, a part that runs for longer than a certificate lives would be a stranger.
 * Any thread.
 */
public final class FollowedCertificate implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedCertificate.class);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

    private final Config config;
    private final CertifiedClients clients;
    private final @Nullable Repeating looking;

    private FollowedCertificate(Config config, Time time) throws IOException {
        this.config = config;
        Optional<CertifiedKey> first = CertifiedClients.named(config);
        clients = new CertifiedClients(config, first, time);
        boolean isInFile =
                first.isPresent() && OrEmpty.of(config.getClientCertData()).isEmpty();
        looking = isInFile ? new Repeating("certificate", time, () -> LOOK_EVERY, this::look) : null;
        if (looking != null) {
            looking.start();
        }
    }

    /**
     * Follows what a kubeconfig names.
     *
     * @throws IOException if a file that it names cannot be read
     */
    public static FollowedCertificate of(Config config, Time time) throws IOException {
        return new FollowedCertificate(config, time);
    }

    private void look() {
        try {
            CertifiedKey now = CertifiedClients.named(config).orElseThrow();
            if (!clients.shown().orElseThrow().certificate().equals(now.certificate())) {
                clients.show(now);
                LOG.info("the certificate in {} is another one, which counts from now on", config.getClientCertFile());
            }
        } catch (IOException e) {
            LOG.warn("{} is not read, and what was in it still counts: {}", config.getClientCertFile(), e.toString());
        }
    }

    /**
     * A client that is known by it; it is the caller's to close.
     *
     * @param interceptors see each call
     */
    public KubernetesClient client(List<? extends Interceptor> interceptors) {
        return client(ApiClient.CALL_MAX, interceptors);
    }

    /** The same with another time after which a call has failed. */
    public KubernetesClient client(Duration callMax, List<? extends Interceptor> interceptors) {
        return clients.client(callMax, interceptors);
    }

    /** Follows it no more, and ends all connections. */
    @Override
    public void close() {
        if (looking != null) {
            looking.close();
        }
        clients.close();
    }
}
