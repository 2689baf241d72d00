package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapKeySelector;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.FileKeySelector;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The variables that one container defines itself, resolved once. */
final class ContainerVariables {
    private final Pod pod;
    private final Container container;
    private final List<String> podIps;
    private final ReferencedObjects objects;
    private final Supplier<Node> node;
    private final VolumeFiles files;
    private final Map<String, String> resolved = new LinkedHashMap<>();

    ContainerVariables(
            Pod pod,
            Container container,
            List<String> podIps,
            ReferencedObjects objects,
            Supplier<Node> node,
            VolumeFiles files) {
        this.pod = pod;
        this.container = container;
        this.podIps = podIps;
        this.objects = objects;
        this.node = node;
        this.files = files;
    }

    /** @param others what may be named besides, and gives way to what is defined here */
    Map<String, String> resolve(Map<String, String> others) throws ReferenceException {
        for (EnvFromSource source : OrEmpty.of(container.getEnvFrom())) {
            String prefix = OrEmpty.of(source.getPrefix());
            values(source).forEach((key, value) -> define(prefix + key, value));
        }
        Function<String, @Nullable String> known =
                name -> resolved.containsKey(name) ? resolved.get(name) : others.get(name);
        for (EnvVar variable : OrEmpty.of(container.getEnv())) {
            String value = OrEmpty.of(variable.getValue());
            String result = value.isEmpty() && variable.getValueFrom() != null
                    ? value(variable.getValueFrom())
                    : Expansion.of(value, known);
            if (result != null) {
                define(variable.getName(), result);
            }
        }
        return resolved;
    }

    /** One that is defined again stands where it was defined last. */
    private void define(String name, String value) {
        resolved.remove(name);
        resolved.put(name, value);
    }

    private Map<String, String> values(EnvFromSource source) throws ReferenceException {
        if (source.getConfigMapRef() != null) {
            String name = OrEmpty.of(source.getConfigMapRef().getName());
            ConfigMap map = configMap(name, OrEmpty.of(source.getConfigMapRef().getOptional()));
            return map == null ? Map.of() : new TreeMap<>(OrEmpty.of(map.getData()));
        }
        if (source.getSecretRef() != null) {
            String name = OrEmpty.of(source.getSecretRef().getName());
            Secret secret = secret(name, OrEmpty.of(source.getSecretRef().getOptional()));
            Map<String, String> values = new TreeMap<>();
            if (secret != null) {
                for (Map.Entry<String, String> entry :
                        OrEmpty.of(secret.getData()).entrySet()) {
                    values.put(entry.getKey(), decoded(entry.getValue(), entry.getKey(), name));
                }
            }
            return values;
        }
        return Map.of();
    }

    /** Null if it is optional and not there. */
    private @Nullable String value(EnvVarSource source) throws ReferenceException {
        if (source.getFieldRef() != null) {
            return PodFields.value(pod, source.getFieldRef(), podIps, NodeAddresses.of(node.get()));
        }
        if (source.getResourceFieldRef() != null) {
            Node here = node.get();
            return ResourceFields.value(
                    pod,
                    container,
                    source.getResourceFieldRef(),
                    here.getStatus() == null
                            ? Map.of()
                            : OrEmpty.of(here.getStatus().getAllocatable()));
        }
        if (source.getConfigMapKeyRef() != null) {
            return value(source.getConfigMapKeyRef());
        }
        if (source.getSecretKeyRef() != null) {
            return value(source.getSecretKeyRef());
        }
        return source.getFileKeyRef() == null ? "" : value(source.getFileKeyRef());
    }

    private @Nullable String value(ConfigMapKeySelector selector) throws ReferenceException {
        boolean optional = OrEmpty.of(selector.getOptional());
        String name = OrEmpty.of(selector.getName());
        ConfigMap map = configMap(name, optional);
        String value = map == null ? null : OrEmpty.of(map.getData()).get(selector.getKey());
        if (value == null && !optional) {
            throw new ReferenceException("couldn't find key %s in ConfigMap %s/%s"
                    .formatted(selector.getKey(), pod.getMetadata().getNamespace(), name));
        }
        return value;
    }

    private @Nullable String value(SecretKeySelector selector) throws ReferenceException {
        boolean optional = OrEmpty.of(selector.getOptional());
        String name = OrEmpty.of(selector.getName());
        Secret secret = secret(name, optional);
        String value = secret == null ? null : OrEmpty.of(secret.getData()).get(selector.getKey());
        if (value == null && !optional) {
            throw new ReferenceException("couldn't find key %s in Secret %s/%s"
                    .formatted(selector.getKey(), pod.getMetadata().getNamespace(), name));
        }
        return value == null ? null : decoded(value, selector.getKey(), name);
    }

    private @Nullable String value(FileKeySelector selector) throws ReferenceException {
        String volume = OrEmpty.of(selector.getVolumeName());
        String path = OrEmpty.of(selector.getPath());
        if (OrEmpty.of(pod.getSpec().getVolumes()).stream().noneMatch(known -> volume.equals(known.getName()))) {
            throw new ReferenceException("cannot find the volume \"" + volume + "\" referenced by FileKeyRef");
        }
        String value;
        try {
            byte[] content = files.read(pod, volume, path, EnvironmentFile.SIZE_BYTES_MAX);
            value = EnvironmentFile.value(VariableBytes.text(content), OrEmpty.of(selector.getKey()));
        } catch (IOException e) {
            // Where the file would be on the node is nobody's business in a pod's status.
            throw new ReferenceException("couldn't parse env file", e);
        }
        if (value == null && !OrEmpty.of(selector.getOptional())) {
            throw new ReferenceException("environment variable key \"%s\" not found in file \"%s\" of volume \"%s\""
                    .formatted(selector.getKey(), path, volume));
        }
        return value;
    }

    private @Nullable ConfigMap configMap(String name, boolean optional) throws ReferenceException {
        ConfigMap map = objects.configMap(pod.getMetadata().getNamespace(), name);
        if (map == null && !optional) {
            throw new ReferenceException("configmap \"" + name + "\" not found");
        }
        return map;
    }

    private @Nullable Secret secret(String name, boolean optional) throws ReferenceException {
        Secret secret = objects.secret(pod.getMetadata().getNamespace(), name);
        if (secret == null && !optional) {
            throw new ReferenceException("secret \"" + name + "\" not found");
        }
        return secret;
    }

    private static String decoded(String value, String key, String secret) throws ReferenceException {
        try {
            return VariableBytes.text(Base64.getDecoder().decode(value));
        } catch (IllegalArgumentException e) {
            throw new ReferenceException("key " + key + " of secret \"" + secret + "\" is not base64", e);
        }
    }
}
