package io.keelson.dist.up;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the nodes of a cluster have in common, and machines that join have to know. The cluster tells it in ConfigMaps of
 * kube-system, where kubeadm has it, too; an administrator who changes these changes each node at its next start. Each node keeps
 * what it was told last, so that it can start while the API is away.
 *
 * <pre>
 *   kubelet-config                       kubelet          FOLDER/kubelet.yaml
 *   kube-proxy                           config.conf      FOLDER/proxy.yaml
 *   extension-apiserver-authentication   client-ca-file   FOLDER/client-ca.crt
 * </pre>
 *
 * @param kubelet a KubeletConfiguration, YAML
 * @param proxy a KubeProxyConfiguration, YAML
 * @param clientAuthority who signs what callers of the node's server show, PEM
 */
record NodeConfiguration(String kubelet, String proxy, String clientAuthority) {
    private static final String NAMESPACE = "kube-system";
    private static final String KUBELET = "kubelet-config";
    private static final String PROXY = "kube-proxy";
    private static final String AUTHORITIES = "extension-apiserver-authentication";

    /** Has the cluster tell how nodes are set up, unless it does: then somebody may want it so. */
    static void publish(KubernetesClient client) {
        ClusterObjects.applyOnce(client, configMap(KUBELET, "kubelet", """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                authentication:
                  anonymous: {enabled: false}
                  webhook: {enabled: true}
                authorization: {mode: Webhook}
                clusterDNS: ["%s"]
                clusterDomain: %s
                failSwapOn: false
                failCgroupV1: false
                """.formatted(
                        ClusterNetwork.DNS_ADDRESS, ClusterNetwork.DOMAIN)));
        ClusterObjects.applyOnce(client, configMap(PROXY, "config.conf", """
                apiVersion: kubeproxy.config.k8s.io/v1alpha1
                kind: KubeProxyConfiguration
                clusterCIDR: %s
                """.formatted(ClusterNetwork.POD_RANGE)));
    }

    private static ConfigMap configMap(String name, String field, String text) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(name)
                .endMetadata()
                .addToData(field, text)
                .build();
    }

    /**
     * What the cluster tells.
     *
     * @throws IOException if it does not tell all of it; its text says what to do
     * @throws io.fabric8.kubernetes.client.KubernetesClientException if it cannot be asked
     */
    static NodeConfiguration read(KubernetesClient client) throws IOException {
        return read(client, field(client, AUTHORITIES, "client-ca-file"));
    }

    /** The same for who knows already who signs what callers show. */
    static NodeConfiguration read(KubernetesClient client, String clientAuthority) throws IOException {
        return new NodeConfiguration(
                field(client, KUBELET, "kubelet"), field(client, PROXY, "config.conf"), clientAuthority);
    }

    private static String field(KubernetesClient client, String name, String field) throws IOException {
        ConfigMap found =
                client.configMaps().inNamespace(NAMESPACE).withName(name).get();
        String text = found == null ? "" : OrEmpty.of(found.getData()).getOrDefault(field, "");
        if (text.isBlank()) {
            throw new IOException("the cluster does not tell how its nodes are set up: there is no " + field
                    + " in the ConfigMap " + NAMESPACE + "/" + name + ", which the first machine's keelson up makes;"
                    + " machines of other clusters join by keelson agent --join");
        }
        return text;
    }

    /** What a node was told last; empty if nothing is kept. */
    static Optional<NodeConfiguration> kept(NodePlace place) throws IOException {
        List<Path> files = List.of(kubeletFile(place), proxyFile(place), authorityFile(place));
        if (!files.stream().allMatch(Files::isReadable)) {
            return Optional.empty();
        }
        return Optional.of(new NodeConfiguration(
                Files.readString(files.get(0)), Files.readString(files.get(1)), Files.readString(files.get(2))));
    }

    /**
     * Keeps it where a node's parts read it.
     *
     * @param proxyKubeconfig by which its proxy is known to the API
     * @throws IOException if it cannot be written, or what is told of proxies is no object
     */
    void keep(NodePlace place, Path proxyKubeconfig) throws IOException {
        ObjectNode tree = tree(proxy, PROXY);
        tree.withObjectProperty("clientConnection").put("kubeconfig", proxyKubeconfig.toString());
        Files.createDirectories(place.folder());
        Files.writeString(kubeletFile(place), kubelet);
        Files.writeString(proxyFile(place), new KubernetesSerialization().asYaml(tree));
        Files.writeString(authorityFile(place), clientAuthority);
    }

    static Path kubeletFile(NodePlace place) {
        return place.folder().resolve("kubelet.yaml");
    }

    static Path proxyFile(NodePlace place) {
        return place.folder().resolve("proxy.yaml");
    }

    static Path authorityFile(NodePlace place) {
        return place.folder().resolve("client-ca.crt");
    }

    /**
     * By which addresses pods ask for names.
     *
     * @throws IOException if none is told
     */
    List<String> dnsAddresses() throws IOException {
        List<String> addresses = new ArrayList<>();
        tree(kubelet, KUBELET).path("clusterDNS").forEach(address -> addresses.add(address.asText()));
        if (addresses.isEmpty()) {
            throw new IOException("the ConfigMap " + NAMESPACE + "/" + KUBELET
                    + " names no clusterDNS: name an address, or leave the DNS out with --disable=dns");
        }
        return addresses;
    }

    /** What names of the cluster end with. */
    String domain() throws IOException {
        return tree(kubelet, KUBELET).path("clusterDomain").asText(ClusterNetwork.DOMAIN);
    }

    private static ObjectNode tree(String text, String name) throws IOException {
        try {
            return new KubernetesSerialization().unmarshal(text, ObjectNode.class);
        } catch (RuntimeException e) {
            throw new IOException(
                    "what the ConfigMap " + NAMESPACE + "/" + name + " says cannot be read: " + Reason.of(e), e);
        }
    }
}
