package io.keelson.agent.certificates;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Kubeconfig files with one way in. */
public final class KubeconfigText {
    private KubeconfigText() {}

    /**
     * A file's text.
     *
     * @param clusterName what it calls the cluster
     * @param userName what it calls who goes in
     */
    public static String of(String clusterName, Cluster cluster, String userName, AuthInfo user, String context) {
        return new KubernetesSerialization()
                .asYaml(new ConfigBuilder()
                        .withApiVersion("v1")
                        .withKind("Config")
                        .addNewCluster()
                        .withName(clusterName)
                        .withCluster(cluster)
                        .endCluster()
                        .addNewUser()
                        .withName(userName)
                        .withUser(user)
                        .endUser()
                        .addNewContext()
                        .withName(context)
                        .withNewContext()
                        .withCluster(clusterName)
                        .withUser(userName)
                        .endContext()
                        .endContext()
                        .withCurrentContext(context)
                        .build());
    }
}
