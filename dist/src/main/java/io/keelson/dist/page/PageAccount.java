package io.keelson.dist.page;

import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;

/**
 * The service account whose tokens have one ClusterRole: there is one for each, so that a token never has more than it was asked
 * for. It lies in {@code kube-system}: whoever may make tokens there may do anything as it is.
 */
record PageAccount(String role) {
    static final String NAMESPACE = "kube-system";

    private static final String FIELD_MANAGER = "keelson-ui";
    private static final String RBAC = "rbac.authorization.k8s.io";

    /** Its name, which its binding has, too. */
    String name() {
        return "keelson-ui-" + role;
    }

    /** How the API knows it. */
    String user() {
        return "system:serviceaccount:" + NAMESPACE + ":" + name();
    }

    /** Makes it, if it is not there. */
    void make(KubernetesClient client) {
        ServiceAccount account = new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(name())
                .endMetadata()
                .build();
        client.resource(account).fieldManager(FIELD_MANAGER).serverSideApply();
        ClusterRoleBinding binding = new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(name())
                .endMetadata()
                .withNewRoleRef(RBAC, "ClusterRole", role)
                .addNewSubject("", "ServiceAccount", name(), NAMESPACE)
                .build();
        client.resource(binding).fieldManager(FIELD_MANAGER).serverSideApply();
    }

    /** A token of it, with when it expires; the API may give one that lives shorter. */
    TokenRequest token(KubernetesClient client, Duration life) {
        TokenRequest wanted = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(life.toSeconds())
                .endSpec()
                .build();
        return client.serviceAccounts().inNamespace(NAMESPACE).withName(name()).tokenRequest(wanted);
    }
}
