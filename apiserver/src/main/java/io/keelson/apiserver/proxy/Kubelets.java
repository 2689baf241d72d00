package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.GroupResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Finds the agents of nodes. Any thread. */
final class Kubelets {
    private static final int PORT = 10_250;
    private static final GroupResource NODES = new GroupResource("", "nodes");

    private final ObjectLookup objects;
    private final KubeletSettings settings;
    private final SSLContext verifying;
    private final SSLContext unverifying;

    /**
     * @param own what is shown to them if the settings name nothing
     * @throws IOException if a file of the settings cannot be used
     */
    Kubelets(ObjectLookup objects, KubeletSettings settings, Credential own) throws IOException {
        this.objects = objects;
        this.settings = settings;
        Credential shown = shown(settings, own);
        List<X509Certificate> authorities = authorities(settings.certificateAuthority());
        this.unverifying = context(shown, null, true);
        this.verifying = authorities == null ? unverifying : context(shown, authorities, false);
    }

    private static Credential shown(KubeletSettings settings, Credential own) throws IOException {
        Path certificate = settings.clientCertificate();
        Path key = settings.clientKey();
        return certificate == null || key == null ? own : Credential.read(certificate, key);
    }

    private static @Nullable List<X509Certificate> authorities(@Nullable Path file) throws IOException {
        return file == null ? null : Pem.certificates(Files.readAllBytes(file));
    }

    private static SSLContext context(Credential shown, @Nullable List<X509Certificate> authorities, boolean insecure)
            throws IOException {
        return new RemoteServer("kubelets", authorities, shown, "", "", "", insecure).tls();
    }

    /** How long a connection to one may take. */
    Duration timeout() {
        return settings.timeout();
    }

    /**
     * The agent of a node.
     *
     * @throws ApiException NotFound if there is no such node; an error if it has no address that one could use
     */
    Kubelet of(String node) throws InterruptedException {
        ObjectNode found = objects.now("", "nodes", "", node);
        if (found == null) {
            throw ApiException.notFound(NODES, node);
        }
        JsonNode status = found.path("status");
        String host = address(status.path("addresses"));
        int declared = status.path("daemonEndpoints")
                .path("kubeletEndpoint")
                .path("Port")
                .asInt(0);
        int port = declared > 0 ? declared : PORT;
        Set<String> features = new HashSet<>();
        status.path("declaredFeatures").forEach(feature -> features.add(feature.asText("")));
        return new Kubelet(
                new Destination(host, port, new Destination.Tls(verifying, host)),
                new Destination(host, port, new Destination.Tls(unverifying, host)),
                features);
    }

    private String address(JsonNode addresses) {
        for (String type : settings.addressTypes()) {
            for (JsonNode address : addresses) {
                String value = address.path("address").asText("");
                if (address.path("type").asText("").equals(type) && !value.isEmpty()) {
                    return value;
                }
            }
        }
        StringBuilder known = new StringBuilder();
        for (JsonNode address : addresses) {
            known.append(known.isEmpty() ? "" : " ")
                    .append('{')
                    .append(address.path("type").asText(""))
                    .append(' ')
                    .append(address.path("address").asText(""))
                    .append('}');
        }
        throw ApiException.of(Reason.UNKNOWN, "no preferred addresses found; known addresses: [" + known + "]");
    }
}
