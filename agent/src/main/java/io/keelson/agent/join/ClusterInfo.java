package io.keelson.agent.join;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** What a cluster tells everybody: {@code kube-public/cluster-info}. */
record ClusterInfo(String kubeconfig, JsonNode data) {
    private static final String PATH = "/api/v1/namespaces/kube-public/configmaps/cluster-info";
    private static final Duration CALL_MAX = Duration.ofSeconds(10);
    private static final long ANSWER_BYTES_MAX = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The signature of a token; empty if there is none. */
    String signature(JoinToken token) {
        return data.path("jws-kubeconfig-" + token.id()).asText("");
    }

    /** Asks whoever is there; nothing of the answer can be trusted yet. */
    static ClusterInfo ask(String endpoint) throws IOException, InterruptedException {
        try {
            return ask(endpoint, SSLUtils.trustManagers(null, (String) null, true, null, null));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("whoever trusts everybody needs no authorities", e);
        }
    }

    /** Asks only whom one of these authorities vouches for. */
    static ClusterInfo ask(String endpoint, List<X509Certificate> authorities)
            throws IOException, InterruptedException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("authority-" + i, authorities.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            return ask(endpoint, trust.getTrustManagers());
        } catch (GeneralSecurityException e) {
            throw new IOException("the cluster's authorities cannot be used: " + e.getMessage(), e);
        }
    }

    private static ClusterInfo ask(String endpoint, TrustManager[] trust) throws IOException, InterruptedException {
        SSLContext tls;
        try {
            tls = SSLContext.getInstance("TLS");
            tls.init(null, trust, null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java speaks TLS", e);
        }
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(tls).connectTimeout(CALL_MAX).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://" + endpoint + PATH))
                            .timeout(CALL_MAX)
                            .build(),
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), ANSWER_BYTES_MAX));
            if (answer.statusCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException(reason(answer.statusCode()));
            }
            JsonNode data = JSON.readTree(answer.body()).path("data");
            return new ClusterInfo(data.path("kubeconfig").asText(""), data);
        }
    }

    private static String reason(int code) {
        return switch (code) {
            case HttpURLConnection.HTTP_NOT_FOUND ->
                "there is no ConfigMap kube-public/cluster-info: keelson token create makes it";
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                "not everybody may read the ConfigMap kube-public/cluster-info, HTTP " + code
                        + ": keelson token create lets them, and the API server needs --anonymous-auth=true";
            default -> "HTTP " + code;
        };
    }

    /**
     * Certificates in PEM.
     *
     * @throws IOException if there are none in it
     */
    static List<X509Certificate> certificates(String pem) throws IOException {
        List<X509Certificate> all = new ArrayList<>();
        try {
            for (var certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
                if (certificate instanceof X509Certificate authority) {
                    all.add(authority);
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificates: " + e.getMessage(), e);
        }
        if (all.isEmpty()) {
            throw new IOException("no certificates");
        }
        return all;
    }
}
