package io.keelson.controllers.testing;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/**
 * Those who call a server that asks the API who they are and what they may. The server's certificate vouches for itself,
 * and nobody knows it.
 */
public final class TestCallers {
    private final TestCluster cluster;
    private final String namespace;

    /** Callers known to a cluster, with accounts in one of its namespaces. */
    public TestCallers(TestCluster cluster, String namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    /** One who takes any server for the right one, and shows these certificates, or none. */
    public static SSLContext showing(KeyManager... certificates) throws GeneralSecurityException, IOException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(certificates, SSLUtils.trustManagers(null, (String) null, true, null, null), null);
        return tls;
    }

    /** One who shows the certificate of the cluster's administrator. */
    public SSLContext administrator() throws GeneralSecurityException, IOException {
        return showing(SSLUtils.keyManagers(cluster.client().getConfiguration()));
    }

    /** A file of the authority whose certificates clients of the API may show, as every API server names it. */
    public Path authority(Path folder) throws IOException {
        ConfigMap named = cluster.client()
                .configMaps()
                .inNamespace("kube-system")
                .withName("extension-apiserver-authentication")
                .waitUntilCondition(Objects::nonNull, 20, TimeUnit.SECONDS);
        return Files.writeString(folder.resolve("ca.crt"), named.getData().get("client-ca-file"));
    }

    /** The token of a new account of the namespace. */
    public String token(String account) {
        cluster.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(account)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        return cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    /** An account of the namespace. */
    public Subject account(String name) {
        return new SubjectBuilder()
                .withKind("ServiceAccount")
                .withName(name)
                .withNamespace(namespace)
                .build();
    }

    /** Lets somebody do something, by a role and a binding of the name that is given back; once in each test. */
    public String allow(Subject who, PolicyRule what) {
        String role = namespace + "-caller";
        cluster.client()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withRules(what)
                        .build())
                .create();
        cluster.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .withSubjects(who)
                        .build())
                .create();
        return role;
    }
}
