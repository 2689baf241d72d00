package io.keelson.agent.join;

import io.fabric8.kubernetes.api.model.AuthInfoBuilder;
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.api.model.ClusterBuilder;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.certificates.KubeconfigText;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.process.WholeFile;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out how to reach a cluster in such a way that no other can take its place. */
public final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private Discovery() {}

    /** What can be said of a cluster for sure. */
    private record Found(Cluster cluster, List<X509Certificate> authorities) {}

    /**
     * A kubeconfig's text by which this machine can ask the cluster for a certificate. Waits until the cluster can be
     * reached and has signed with the token.
     *
     * @throws JoinProblem if it has not in time, or is not the one that is meant
     */
    public static String bootstrapKubeconfig(JoinSettings settings, Time time)
            throws JoinProblem, InterruptedException {
        Instant end = time.steady().plus(settings.patience());
        Duration pause = FIRST_PAUSE;
        while (true) {
            String why;
            try {
                ClusterInfo info = ClusterInfo.ask(settings.endpoint());
                if (!info.signature(settings.token()).isEmpty()) {
                    return text(settings, confirmed(settings, info));
                }
                why = "it has not signed with the token: a token has an end, and keelson token create makes a new one";
            } catch (IOException e) {
                why = e.getMessage() == null ? e.toString() : e.getMessage();
            }
            if (!time.steady().isBefore(end)) {
                throw new JoinProblem("couldn't validate the identity of the API Server at " + settings.endpoint()
                        + " with token ID " + settings.token().id() + " within "
                        + settings.patience().toSeconds() + " s: " + why);
            }
            LOG.info("the cluster at {} is asked again: {}", settings.endpoint(), why);
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(BETWEEN_TRIES) > 0 ? BETWEEN_TRIES : pause.multipliedBy(2);
        }
    }

    /**
     * The same, as a file that only its owner may read.
     *
     * @throws IOException if it cannot be written
     */
    public static void writeBootstrapKubeconfig(Path file, JoinSettings settings, Time time)
            throws JoinProblem, IOException, InterruptedException {
        WholeFile.writeDurably(file, bootstrapKubeconfig(settings, time));
    }

    private static Found confirmed(JoinSettings settings, ClusterInfo info)
            throws JoinProblem, IOException, InterruptedException {
        if (!settings.token().hasSigned(info.kubeconfig(), info.signature(settings.token()))) {
            throw new JoinProblem("failed to verify JWS signature of received cluster info object, can't trust this API"
                    + " Server: whoever answers at " + settings.endpoint() + " does not know the token");
        }
        Found found = parse(info.kubeconfig());
        if (!settings.authorityHashes().isEmpty()) {
            Set<String> known =
                    found.authorities().stream().map(AuthorityHash::of).collect(Collectors.toSet());
            if (settings.authorityHashes().stream().noneMatch(known::contains)) {
                throw new JoinProblem("cluster CA found in cluster-info ConfigMap is invalid: none of the public keys "
                        + known + " are pinned");
            }
        }
        // Whoever has the token could have put himself between; the authority's word is asked, too.
        ClusterInfo again = ClusterInfo.ask(settings.endpoint(), found.authorities());
        if (!again.kubeconfig().equals(info.kubeconfig())) {
            throw new JoinProblem(
                    "the second kubeconfig from the \"cluster-info\" ConfigMap (using TLS) is different from"
                            + " the first: try again, and see who changes it if that happens again");
        }
        return found;
    }

    private static Found parse(String kubeconfig) throws JoinProblem {
        try {
            Config config = new KubernetesSerialization().unmarshal(kubeconfig, Config.class);
            List<NamedCluster> clusters = OrEmpty.of(config.getClusters());
            if (clusters.size() != 1 || clusters.getFirst().getCluster() == null) {
                throw new JoinProblem("the kubeconfig in cluster-info has " + clusters.size() + " clusters, not one");
            }
            Cluster cluster = clusters.getFirst().getCluster();
            byte[] authority = Base64.getMimeDecoder().decode(OrEmpty.of(cluster.getCertificateAuthorityData()));
            return new Found(cluster, ClusterInfo.certificates(new String(authority, StandardCharsets.UTF_8)));
        } catch (IOException | RuntimeException e) {
            throw new JoinProblem("the kubeconfig in cluster-info cannot be used: " + e.getMessage(), e);
        }
    }

    private static String text(JoinSettings settings, Found found) {
        Cluster cluster = new ClusterBuilder()
                .withServer(
                        server(settings.endpoint(), OrEmpty.of(found.cluster().getServer())))
                .withCertificateAuthorityData(found.cluster().getCertificateAuthorityData())
                .build();
        return KubeconfigText.of(
                "kubernetes",
                cluster,
                "tls-bootstrap-token-user",
                new AuthInfoBuilder().withToken(settings.token().text()).build(),
                "tls-bootstrap-token-user@kubernetes");
    }

    /**
     * What the cluster calls itself, which may be in front of several servers; unless that is this machine for
     * everybody.
     */
    private static String server(String endpoint, String told) {
        try {
            String host = new URI(told).getHost();
            if (host != null && !host.matches("localhost|127\\..*|\\[::1]|0\\.0\\.0\\.0|\\[::]")) {
                return told;
            }
        } catch (URISyntaxException e) {
            LOG.warn("cluster-info names no address but \"{}\"", told);
        }
        return "https://" + endpoint;
    }
}
