package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.PkiFolder;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A running server, and users who come with certificates of its authority. */
final class LiveUsers implements AutoCloseable {
    private final ApiServer server;
    private final PkiFolder pki;
    private final User admin;

    /** What came back. */
    record Answer(int code, ObjectNode body, HttpResponse<byte[]> response) {
        String message() {
            return body.path("message").asText();
        }

        String text(String pointer) {
            return body.at(pointer).asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Answer succeeded() {
            if (code >= 300) {
                throw new AssertionError(code + " " + body);
            }
            return this;
        }

        /** What stands behind {@code … is forbidden: } in the refusal. */
        String refusal() {
            if (code != 403) {
                throw new AssertionError("not refused: " + code + " " + body);
            }
            return message().substring(message().indexOf("forbidden: ") + "forbidden: ".length());
        }
    }

    private LiveUsers(ApiServer server, Path folder) throws IOException, GeneralSecurityException {
        this.server = server;
        this.pki = new PkiFolder(folder);
        this.admin = user("test-admin", "system:masters");
    }

    /**
     * Starts a server.
     *
     * @param folder for its keys and certificates; empty
     */
    static LiveUsers start(ApiServerConfig config, Path folder) throws Exception {
        ApiServerConfig complete = new ApiServerConfig(
                config.bindAddress(),
                config.securePort(),
                config.etcd(),
                config.storeFolder(),
                folder,
                config.kubeconfig(),
                config.authorizationModes(),
                config.anonymous(),
                config.serviceRange(),
                config.eventTimeToLive(),
                config.requestTimeoutMin(),
                config.cluster());
        return new LiveUsers(ApiServer.start(complete), folder);
    }

    String url() {
        return server.url();
    }

    User admin() {
        return admin;
    }

    User node(String name) throws IOException, GeneralSecurityException {
        return user("system:node:" + name, "system:nodes");
    }

    User user(String name, String... groups) throws IOException, GeneralSecurityException {
        CertificateAuthority authority =
                new CertificateAuthority(Credential.read(pki.certificate("client-ca"), pki.key("client-ca")));
        Credential shown = authority.issue(CertificateProfile.client(name, groups), Instant.now());
        Credential servers = Credential.read(pki.certificate("ca"), pki.key("ca"));
        RemoteServer remote = new RemoteServer(server.url(), List.of(servers.certificate()), shown, "", "", "", false);
        SSLContext tls = remote.tls();
        return new User(
                server.url(), tls, HttpClient.newBuilder().sslContext(tls).build());
    }

    /** Somebody who asks. JSON may have single quotes, which read better. */
    record User(String url, SSLContext tls, HttpClient client) {
        Answer get(String path) {
            return send("GET", path, "", "");
        }

        Answer post(String path, String json) {
            return send("POST", path, "application/json", json);
        }

        Answer put(String path, ObjectNode object) {
            return send("PUT", path, "application/json", object.toString());
        }

        Answer merge(String path, String json) {
            return send("PATCH", path, "application/merge-patch+json", json);
        }

        Answer delete(String path) {
            return send("DELETE", path, "", "");
        }

        HttpRequest.Builder request(String method, String path, String type, String json) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(Duration.ofSeconds(60))
                    .method(
                            method,
                            json.isEmpty()
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
            return type.isEmpty() ? request : request.header("Content-Type", type);
        }

        Answer send(String method, String path, String type, String json) {
            try {
                HttpResponse<byte[]> response =
                        client.send(request(method, path, type, json).build(), HttpResponse.BodyHandlers.ofByteArray());
                String content = response.headers().firstValue("Content-Type").orElse("");
                ObjectNode body = content.contains("json") ? Json.parseObject(response.body()) : Json.object();
                return new Answer(response.statusCode(), body, response);
            } catch (IOException e) {
                throw new AssertionError(method + " " + path, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
