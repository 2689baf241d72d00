package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ProjectedVolumeSource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.environment.PodFields;
import io.keelson.agent.environment.ReferenceException;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.environment.ResourceFields;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Refusals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which files a volume has that is made of what the API knows. Waits for the API where something has not been read
 * yet.
 */
final class ProjectedFiles {
    private static final int MODE = 0644;
    private static final int NARROW_MODE = 0600;

    private final ReferencedObjects objects;
    private final ServiceAccountTokens tokens;
    private final TrustBundles bundles;
    private final PodCertificates certificates;
    private final Supplier<Node> node;

    ProjectedFiles(
            ReferencedObjects objects,
            ServiceAccountTokens tokens,
            TrustBundles bundles,
            PodCertificates certificates,
            Supplier<Node> node) {
        this.objects = objects;
        this.tokens = tokens;
        this.bundles = bundles;
        this.certificates = certificates;
        this.node = node;
    }

    /**
     * The files of a volume.
     *
     * @return null if it is not made of such
     * @throws VolumeException if something is missing
     */
    @Nullable
    FileSet of(Pod pod, Volume volume, Ownership owner) throws VolumeException, InterruptedException {
        Map<String, FileContent> files;
        if (volume.getConfigMap() != null) {
            files = configMap(
                    pod,
                    OrEmpty.of(volume.getConfigMap().getName()),
                    volume.getConfigMap().getItems(),
                    mode(volume.getConfigMap().getDefaultMode()),
                    OrEmpty.of(volume.getConfigMap().getOptional()));
        } else if (volume.getSecret() != null) {
            files = secret(
                    pod,
                    OrEmpty.of(volume.getSecret().getSecretName()),
                    volume.getSecret().getItems(),
                    mode(volume.getSecret().getDefaultMode()),
                    OrEmpty.of(volume.getSecret().getOptional()));
        } else if (volume.getDownwardAPI() != null) {
            files = downward(
                    pod,
                    OrEmpty.of(volume.getDownwardAPI().getItems()),
                    mode(volume.getDownwardAPI().getDefaultMode()));
        } else if (volume.getProjected() != null) {
            files = projected(pod, volume, volume.getProjected(), owner);
        } else {
            return null;
        }
        return FileSet.of(files);
    }

    private static int mode(@Nullable Integer mode) {
        return mode == null ? MODE : mode;
    }

    private Map<String, FileContent> projected(Pod pod, Volume volume, ProjectedVolumeSource source, Ownership owner)
            throws VolumeException, InterruptedException {
        Map<String, FileContent> files = new HashMap<>();
        List<String> problems = new ArrayList<>();
        int mode = mode(source.getDefaultMode());
        for (VolumeProjection projection : OrEmpty.of(source.getSources())) {
            try {
                files.putAll(files(pod, volume, projection, mode, owner));
            } catch (VolumeException e) {
                problems.add(e.message());
            }
        }
        if (!problems.isEmpty()) {
            throw new VolumeException(
                    problems.size() == 1
                            ? problems.getFirst()
                            : problems.stream().collect(Collectors.joining(", ", "[", "]")));
        }
        return files;
    }

    private Map<String, FileContent> files(Pod pod, Volume volume, VolumeProjection source, int mode, Ownership owner)
            throws VolumeException, InterruptedException {
        if (source.getConfigMap() != null) {
            return configMap(
                    pod,
                    OrEmpty.of(source.getConfigMap().getName()),
                    source.getConfigMap().getItems(),
                    mode,
                    OrEmpty.of(source.getConfigMap().getOptional()));
        }
        if (source.getSecret() != null) {
            return secret(
                    pod,
                    OrEmpty.of(source.getSecret().getName()),
                    source.getSecret().getItems(),
                    mode,
                    OrEmpty.of(source.getSecret().getOptional()));
        }
        if (source.getDownwardAPI() != null) {
            return downward(pod, OrEmpty.of(source.getDownwardAPI().getItems()), mode);
        }
        // Who reads these may be nobody but the pod: its user, or its group.
        int narrow = owner.isNarrow() ? NARROW_MODE : mode;
        if (source.getServiceAccountToken() != null) {
            ServiceAccountTokenProjection wanted = source.getServiceAccountToken();
            String token = tokens.get(pod, OrEmpty.of(wanted.getAudience()), wanted.getExpirationSeconds())
                    .text();
            return Map.of(
                    OrEmpty.of(wanted.getPath()),
                    new FileContent(token.getBytes(StandardCharsets.UTF_8), narrow, owner.user()));
        }
        if (source.getClusterTrustBundle() != null) {
            return Map.of(
                    OrEmpty.of(source.getClusterTrustBundle().getPath()),
                    new FileContent(bundles.of(source.getClusterTrustBundle()), narrow, owner.user()));
        }
        if (source.getPodCertificate() != null) {
            Map<String, FileContent> files = new HashMap<>();
            certificates
                    .of(pod, volume.getName(), source.getPodCertificate())
                    .forEach((path, bytes) -> files.put(path, new FileContent(bytes, narrow, owner.user())));
            return files;
        }
        return Map.of();
    }

    private Map<String, FileContent> configMap(
            Pod pod, String name, @Nullable List<KeyToPath> items, int mode, boolean optional) throws VolumeException {
        ConfigMap map;
        try {
            map = objects.configMap(pod.getMetadata().getNamespace(), name);
        } catch (KubernetesClientException e) {
            throw new VolumeException(Refusals.message(e), e);
        }
        if (map == null && !optional) {
            throw new VolumeException("configmap \"" + name + "\" not found");
        }
        Map<String, byte[]> values = new HashMap<>();
        if (map != null) {
            OrEmpty.of(map.getData()).forEach((key, value) -> values.put(key, value.getBytes(StandardCharsets.UTF_8)));
            for (Map.Entry<String, String> entry :
                    OrEmpty.of(map.getBinaryData()).entrySet()) {
                values.put(entry.getKey(), decoded(entry.getValue(), entry.getKey()));
            }
        }
        return chosen(values, items, mode, optional, "configmap references non-existent config key: ");
    }

    private Map<String, FileContent> secret(
            Pod pod, String name, @Nullable List<KeyToPath> items, int mode, boolean optional) throws VolumeException {
        Secret secret;
        try {
            secret = objects.secret(pod.getMetadata().getNamespace(), name);
        } catch (KubernetesClientException e) {
            throw new VolumeException(Refusals.message(e), e);
        }
        if (secret == null && !optional) {
            throw new VolumeException("secret \"" + name + "\" not found");
        }
        Map<String, byte[]> values = new HashMap<>();
        if (secret != null) {
            for (Map.Entry<String, String> entry : OrEmpty.of(secret.getData()).entrySet()) {
                values.put(entry.getKey(), decoded(entry.getValue(), entry.getKey()));
            }
        }
        return chosen(values, items, mode, optional, "references non-existent secret key: ");
    }

    private static byte[] decoded(String value, String key) throws VolumeException {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new VolumeException("the value of key " + key + " is not base64", e);
        }
    }

    private static Map<String, FileContent> chosen(
            Map<String, byte[]> values, @Nullable List<KeyToPath> items, int mode, boolean optional, String missing)
            throws VolumeException {
        Map<String, FileContent> files = new HashMap<>();
        if (OrEmpty.of(items).isEmpty()) {
            values.forEach((key, value) -> files.put(key, new FileContent(value, mode)));
            return files;
        }
        for (KeyToPath item : OrEmpty.of(items)) {
            byte[] value = values.get(item.getKey());
            if (value != null) {
                files.put(
                        OrEmpty.of(item.getPath()),
                        new FileContent(value, item.getMode() == null ? mode : item.getMode()));
            } else if (!optional) {
                throw new VolumeException(missing + item.getKey());
            }
        }
        return files;
    }

    private Map<String, FileContent> downward(Pod pod, List<DownwardAPIVolumeFile> items, int mode)
            throws VolumeException {
        Map<String, FileContent> files = new HashMap<>();
        for (DownwardAPIVolumeFile item : items) {
            String value;
            try {
                value = value(pod, item);
            } catch (ReferenceException e) {
                throw new VolumeException(e.message(), e);
            }
            files.put(
                    OrEmpty.of(item.getPath()),
                    new FileContent(
                            value.getBytes(StandardCharsets.UTF_8), item.getMode() == null ? mode : item.getMode()));
        }
        return files;
    }

    private String value(Pod pod, DownwardAPIVolumeFile item) throws ReferenceException {
        if (item.getFieldRef() != null) {
            String path = OrEmpty.of(item.getFieldRef().getFieldPath());
            if (!path.startsWith("metadata.")) {
                throw new ReferenceException("unsupported fieldPath: " + path);
            }
            return PodFields.value(pod, item.getFieldRef(), List.of(), List.of());
        }
        if (item.getResourceFieldRef() != null) {
            Node here = node.get();
            return ResourceFields.value(
                    pod,
                    null,
                    item.getResourceFieldRef(),
                    here.getStatus() == null
                            ? Map.of()
                            : OrEmpty.of(here.getStatus().getAllocatable()));
        }
        return "";
    }
}
