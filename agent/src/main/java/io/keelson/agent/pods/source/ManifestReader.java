package io.keelson.agent.pods.source;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Makes a static pod of a manifest: one Pod of {@code v1}, in YAML or JSON. Its uid is a hash of what it says, so that
 * a changed manifest is another pod; its name ends with the node's.
 */
final class ManifestReader {
    /** A manifest is not longer. */
    static final int MAX = 10 * 1024 * 1024;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
    private static final int NAME_MAX = 253;

    private final String node;
    private final ObjectMapper yaml;
    private final ObjectMapper json = new ObjectMapper();

    ManifestReader(String node) {
        this.node = node;
        LoaderOptions limits = new LoaderOptions();
        limits.setMaxAliasesForCollections(50);
        limits.setNestingDepthLimit(50);
        limits.setCodePointLimit(MAX);
        yaml = new ObjectMapper(YAMLFactory.builder()
                .loaderOptions(limits)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(50)
                        .maxStringLength(MAX)
                        .build())
                .build());
    }

    /**
     * The pod of a manifest.
     *
     * @param source where it is from, which is part of what its uid is made of
     * @throws IOException if it is none; says what is wrong with it
     */
    Pod read(byte[] content, String source, Instant now) throws IOException {
        if (content.length > MAX) {
            throw new IOException("it has more than " + MAX + " bytes");
        }
        JsonNode root = yaml.readTree(content);
        if (!(root instanceof ObjectNode)
                || !"Pod".equals(root.path("kind").asText())
                || !"v1".equals(root.path("apiVersion").asText())) {
            throw new IOException("it is no Pod of v1");
        }
        Pod pod;
        try {
            pod = json.treeToValue(root, Pod.class);
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("it is no Pod: " + e.getMessage(), e);
        }
        check(pod);
        String hash = hash(root, source);
        String namespace = OrEmpty.of(pod.getMetadata().getNamespace());
        PodBuilder built = new PodBuilder(pod)
                .withStatus(null)
                .editMetadata()
                .withName(pod.getMetadata().getName() + '-' + node.toLowerCase(Locale.ROOT))
                .withNamespace(namespace.isEmpty() ? "default" : namespace)
                .withUid(hash)
                .withResourceVersion(null)
                .withCreationTimestamp(null)
                .addToAnnotations(PodTraits.HASH, hash)
                .addToAnnotations(PodTraits.SOURCE, "file")
                .addToAnnotations(PodTraits.SEEN, now.toString())
                .endMetadata()
                .editSpec()
                .withNodeName(node)
                .addNewToleration()
                .withOperator("Exists")
                .withEffect("NoExecute")
                .endToleration()
                .endSpec();
        return StaticDefaults.of(built.build());
    }

    private static void check(Pod pod) throws IOException {
        String name =
                pod.getMetadata() == null ? "" : OrEmpty.of(pod.getMetadata().getName());
        if (name.length() > NAME_MAX || !NAME.matcher(name).matches()) {
            throw new IOException("metadata.name is missing or no name of a pod: \"" + name + '"');
        }
        if (pod.getSpec() == null || OrEmpty.of(pod.getSpec().getContainers()).isEmpty()) {
            throw new IOException("spec.containers: Required value");
        }
        for (PodContainer container : PodContainers.all(pod)) {
            String own = OrEmpty.of(container.container().getName());
            if (!NAME.matcher(own).matches() || own.length() > 63) {
                throw new IOException("a container has no name, or none that is one: \"" + own + '"');
            }
            if (OrEmpty.of(container.container().getImage()).isEmpty()) {
                throw new IOException("container " + own + " has no image");
            }
        }
        if (PodContainers.all(pod).stream().map(PodContainer::name).distinct().count()
                != PodContainers.all(pod).size()) {
            throw new IOException("two containers have one name");
        }
        checkNoObjects(pod);
    }

    /** The API's objects are not for pods that nobody there let in. */
    private static void checkNoObjects(Pod pod) throws IOException {
        String account = OrEmpty.of(pod.getSpec().getServiceAccountName());
        boolean refers = !account.isEmpty()
                || !OrEmpty.of(pod.getSpec().getResourceClaims()).isEmpty();
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            refers |= volume.getConfigMap() != null
                    || volume.getSecret() != null
                    || volume.getPersistentVolumeClaim() != null;
        }
        for (PodContainer container : PodContainers.all(pod)) {
            Container one = container.container();
            for (EnvFromSource from : OrEmpty.of(one.getEnvFrom())) {
                refers |= from.getConfigMapRef() != null || from.getSecretRef() != null;
            }
            for (EnvVar variable : OrEmpty.of(one.getEnv())) {
                refers |= variable.getValueFrom() != null
                        && (variable.getValueFrom().getConfigMapKeyRef() != null
                                || variable.getValueFrom().getSecretKeyRef() != null);
            }
        }
        if (refers) {
            throw new IOException("static pods may not reference service accounts, config maps, secrets, claims");
        }
    }

    private String hash(JsonNode root, String source) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            for (String part : List.of("host:" + node, "file:" + source, json.writeValueAsString(root))) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }
}
