package io.keelson.dist.up;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.PkiFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Who the parts on a cluster's own machine are in its API: each somebody of its own, with the rights that it needs. Their
 * certificates live as long as the authority that signs them, which is on this machine, too.
 */
final class PartUsers {
    private final ClusterPlan plan;
    private final String url;

    /** @param url where the API is */
    PartUsers(ClusterPlan plan, String url) {
        this.plan = plan;
        this.url = url;
    }

    /** The parts of this machine's node. */
    NodeAccess ofNode(String name) throws IOException {
        return new NodeAccess(
                kubeconfig(Part.AGENT, "system:node:" + name, "system:nodes"),
                Optional.empty(),
                kubeconfig(Part.PROXY, "system:kube-proxy"),
                kubeconfig(Part.DNS, "keelson:dns"));
    }

    /** What asks nodes what they use. */
    Path ofMetricsServer() throws IOException {
        return kubeconfig(Part.METRICS_SERVER, "keelson:metrics-server");
    }

    private Path kubeconfig(Part part, String user, String... groups) throws IOException {
        PkiFolder pki = new PkiFolder(plan.pki());
        Credential own = pki.client(
                part.title(),
                CertificateProfile.client(user, groups).withLife(CertificateAuthority.LIFE),
                Instant.now());
        Path file = NodeAccess.file(plan.folder(), part.title());
        Kubeconfig.of(
                        part.title(),
                        url,
                        Credential.read(pki.certificate("ca"), pki.key("ca")).certificate(),
                        own)
                .write(file);
        return file;
    }
}
