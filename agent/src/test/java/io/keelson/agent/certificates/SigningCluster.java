package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.apiserver.server.AccessSettings;
import io.keelson.apiserver.server.ApiServer;
import io.keelson.apiserver.server.ApiServerConfig;
import io.keelson.apiserver.server.AuthenticationSettings;
import io.keelson.apiserver.server.AuthorizationSettings;
import io.keelson.apiserver.server.ClusterSettings;
import io.keelson.controllers.bootstrap.BootstrapSignerController;
import io.keelson.controllers.bootstrap.TokenCleanerController;
import io.keelson.controllers.certificates.ApprovingController;
import io.keelson.controllers.certificates.CertificateAuthorityFiles;
import io.keelson.controllers.certificates.CertificateSigningSettings;
import io.keelson.controllers.certificates.SigningController;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** A real API server that takes bootstrap tokens, and the controllers that approve and sign what nodes ask for. */
public final class SigningCluster implements AutoCloseable {
    /** A token that is there from the beginning. */
    public static final String TOKEN = "abcdef.0123456789abcdef";

    private static final String GROUP = "system:bootstrappers:kubeadm:default-node-token";

    private final Path folder;
    private final ApiServer server;
    private final KubernetesClient client;
    private final Time time = Time.system();
    private final EventRecorder events;
    private final Manager manager;

    /** Starts all of it; its files are in a folder. */
    public SigningCluster(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        AuthenticationSettings usual = AuthenticationSettings.DEFAULT;
        AuthenticationSettings tokens = new AuthenticationSettings(
                usual.clientCaFile(),
                usual.tokenFile(),
                true,
                usual.oidc(),
                usual.configFile(),
                usual.webhook(),
                usual.frontProxy(),
                usual.serviceAccounts(),
                usual.apiAudiences(),
                usual.anonymousStated());
        server = ApiServer.start(ApiServerConfig.ephemeral()
                .inFolder(folder)
                .withCluster(ClusterSettings.DEFAULT.withAccess(
                        new AccessSettings(tokens, AuthorizationSettings.DEFAULT, AccessSettings.DEFAULT.audit()))));
        client = ApiClient.of(Config.fromKubeconfig(server.kubeconfig().text()), List.of());
        events = new EventRecorder(client, time);
        CertificateAuthorityFiles clients = authority("client-ca");
        CertificateSigningSettings signing =
                new CertificateSigningSettings(clients, clients, authority("ca"), clients, Duration.ofDays(365));
        manager = new Manager(
                List.of(
                        ApprovingController.descriptor(),
                        SigningController.descriptor(signing),
                        BootstrapSignerController.descriptor(),
                        TokenCleanerController.descriptor()),
                new Context(client, events, time),
                new Caches(client, Caches.Delivery.PLAIN),
                new ControllerMetrics());
        manager.start();
    }

    private CertificateAuthorityFiles authority(String name) {
        return new CertificateAuthorityFiles(pki(name + ".crt"), pki(name + ".key"));
    }

    Path pki(String file) {
        return folder.resolve("pki").resolve(file);
    }

    /** As an administrator. */
    public KubernetesClient client() {
        return client;
    }

    /** Where it is. */
    public String url() {
        return server.url();
    }

    /** The authority of what it shows, in PEM. */
    public String authority() throws IOException {
        return Files.readString(pki("ca.crt"));
    }

    /** Has a bootstrap token. */
    public void token() {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("bootstrap-token-" + TOKEN.substring(0, 6))
                        .endMetadata()
                        .withType("bootstrap.kubernetes.io/token")
                        .withStringData(Map.of(
                                "token-id",
                                TOKEN.substring(0, 6),
                                "token-secret",
                                TOKEN.substring(7),
                                "usage-bootstrap-authentication",
                                "true",
                                "usage-bootstrap-signing",
                                "true",
                                "auth-extra-groups",
                                GROUP))
                        .build())
                .create();
    }

    /** Lets a group do what a role says. */
    public void bind(String name, String role, String group) {
        client.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("rbac.authorization.k8s.io", "Group", group, null)
                        .build())
                .create();
    }

    /** Lets those with a token ask for certificates, and approves these by itself. */
    void letNodesIn() {
        bind("ask", "system:node-bootstrapper", GROUP);
        bind("approve", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", GROUP);
        bind("renew", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "system:nodes");
    }

    /** A kubeconfig with the token. */
    Path bootstrapKubeconfig(Path in) throws IOException {
        String authority = Base64.getEncoder().encodeToString(authority().getBytes(StandardCharsets.UTF_8));
        return Files.writeString(in.resolve("bootstrap-kubelet.conf"), """
                apiVersion: v1
                kind: Config
                clusters:
                - name: c
                  cluster: {server: "%s", certificate-authority-data: %s}
                users:
                - name: u
                  user: {token: %s}
                contexts:
                - name: x
                  context: {cluster: c, user: u}
                current-context: x
                """.formatted(url(), authority, TOKEN));
    }

    @Override
    public void close() {
        manager.close();
        events.close();
        time.close();
        client.close();
        try {
            server.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
