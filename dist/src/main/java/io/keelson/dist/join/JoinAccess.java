package io.keelson.dist.join;

import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.controllers.objects.Refusals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The objects by which machines with a token join: made where they are not there, and left as they are where they are.
 */
public final class JoinAccess {
    /** The group of those with a token. */
    public static final String GROUP = "system:bootstrappers:kubeadm:default-node-token";

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final String SIGNING = "system:certificates.k8s.io:certificatesigningrequests:";
    static final String PUBLIC = "kube-public";
    static final String INFO = "cluster-info";
    private static final String READER = "kubeadm:bootstrap-signer-clusterinfo";
    private static final String NODES_READER = "kubeadm:get-nodes";

    private JoinAccess() {}

    /**
     * Has them all. Right when repeated.
     *
     * @param server where machines reach the API, {@code https://HOST:PORT}
     * @param authority who vouches for it, in PEM
     */
    public static void ensure(KubernetesClient client, String server, String authority) {
        for (HasMetadata object : objects(server, authority)) {
            try {
                client.resource(object).create();
            } catch (KubernetesClientException e) {
                if (!Refusals.isAlreadyExists(e)) {
                    throw e;
                }
            }
        }
    }

    /** Tells machines another address, or another authority; the cluster signs it anew. */
    public static void publish(KubernetesClient client, String server, String authority) {
        ensure(client, server, authority);
        client.configMaps()
                .inNamespace(PUBLIC)
                .withName(INFO)
                .edit(now -> new ConfigMapBuilder(now)
                        .addToData("kubeconfig", kubeconfig(server, authority))
                        .build());
    }

    private static List<HasMetadata> objects(String server, String authority) {
        List<HasMetadata> all = new ArrayList<>();
        ConfigMap info = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(PUBLIC)
                .withName(INFO)
                .endMetadata()
                .withData(Map.of("kubeconfig", kubeconfig(server, authority)))
                .build();
        all.add(info);
        all.add(new RoleBuilder()
                .withNewMetadata()
                .withNamespace(PUBLIC)
                .withName(READER)
                .endMetadata()
                .addNewRule()
                .withVerbs("get")
                .withApiGroups("")
                .withResources("configmaps")
                .withResourceNames(INFO)
                .endRule()
                .build());
        all.add(new RoleBindingBuilder()
                .withNewMetadata()
                .withNamespace(PUBLIC)
                .withName(READER)
                .endMetadata()
                .withNewRoleRef(RBAC, "Role", READER)
                .addNewSubject(RBAC, "User", "system:anonymous", null)
                .build());
        all.add(new ClusterRoleBuilder()
                .withNewMetadata()
                .withName(NODES_READER)
                .endMetadata()
                .addNewRule()
                .withVerbs("get")
                .withApiGroups("")
                .withResources("nodes")
                .endRule()
                .build());
        all.add(binding(NODES_READER, NODES_READER, GROUP));
        all.add(binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", GROUP));
        all.add(binding("kubeadm:node-autoapprove-bootstrap", SIGNING + "nodeclient", GROUP));
        all.add(binding("kubeadm:node-autoapprove-certificate-rotation", SIGNING + "selfnodeclient", "system:nodes"));
        return all;
    }

    private static HasMetadata binding(String name, String role, String group) {
        return new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewRoleRef(RBAC, "ClusterRole", role)
                .addNewSubject(RBAC, "Group", group, null)
                .build();
    }

    /** One cluster without a name, and nobody who goes in. */
    private static String kubeconfig(String server, String authority) {
        return new KubernetesSerialization()
                .asYaml(new ConfigBuilder()
                        .withApiVersion("v1")
                        .withKind("Config")
                        .addNewCluster()
                        .withName("")
                        .withNewCluster()
                        .withServer(server)
                        .withCertificateAuthorityData(
                                Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8)))
                        .endCluster()
                        .endCluster()
                        .build());
    }
}
