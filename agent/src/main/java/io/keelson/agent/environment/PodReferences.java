package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names of the config maps and secrets of its namespace that a pod refers to: in variables, volumes and pulls of
 * images. These, and no others, a node may read.
 *
 * @param configMaps names
 * @param secrets names
 */
record PodReferences(Set<String> configMaps, Set<String> secrets) {
    /** What a pod refers to. */
    static PodReferences of(Pod pod) {
        PodReferences references = new PodReferences(new TreeSet<>(), new TreeSet<>());
        for (LocalObjectReference secret : OrEmpty.of(pod.getSpec().getImagePullSecrets())) {
            add(references.secrets, secret.getName());
        }
        for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
            references.add(container.getEnvFrom(), container.getEnv());
        }
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            references.add(container.getEnvFrom(), container.getEnv());
        }
        for (EphemeralContainer container : OrEmpty.of(pod.getSpec().getEphemeralContainers())) {
            references.add(container.getEnvFrom(), container.getEnv());
        }
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            references.add(volume);
        }
        return references;
    }

    private void add(@Nullable List<EnvFromSource> whole, @Nullable List<EnvVar> single) {
        for (EnvFromSource source : OrEmpty.of(whole)) {
            if (source.getConfigMapRef() != null) {
                add(configMaps, source.getConfigMapRef().getName());
            }
            if (source.getSecretRef() != null) {
                add(secrets, source.getSecretRef().getName());
            }
        }
        for (EnvVar variable : OrEmpty.of(single)) {
            EnvVarSource source = variable.getValueFrom();
            if (source != null && source.getConfigMapKeyRef() != null) {
                add(configMaps, source.getConfigMapKeyRef().getName());
            }
            if (source != null && source.getSecretKeyRef() != null) {
                add(secrets, source.getSecretKeyRef().getName());
            }
        }
    }

    private void add(Volume volume) {
        if (volume.getConfigMap() != null) {
            add(configMaps, volume.getConfigMap().getName());
        }
        if (volume.getSecret() != null) {
            add(secrets, volume.getSecret().getSecretName());
        }
        if (volume.getCsi() != null && volume.getCsi().getNodePublishSecretRef() != null) {
            add(secrets, volume.getCsi().getNodePublishSecretRef().getName());
        }
        if (volume.getProjected() != null) {
            for (VolumeProjection source : OrEmpty.of(volume.getProjected().getSources())) {
                if (source.getConfigMap() != null) {
                    add(configMaps, source.getConfigMap().getName());
                }
                if (source.getSecret() != null) {
                    add(secrets, source.getSecret().getName());
                }
            }
        }
    }

    private static void add(Set<String> names, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            names.add(name);
        }
    }
}
