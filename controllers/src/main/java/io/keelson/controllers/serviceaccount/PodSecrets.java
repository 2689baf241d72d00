package io.keelson.controllers.serviceaccount;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names of the Secrets that a pod uses: to pull images, in environments, and in volumes of every kind. */
final class PodSecrets {
    private final Set<String> names = new HashSet<>();

    private PodSecrets() {}

    static Set<String> of(Pod pod) {
        PodSecrets secrets = new PodSecrets();
        if (pod.getSpec() != null) {
            secrets.pod(pod.getSpec());
        }
        return secrets.names;
    }

    private void pod(PodSpec spec) {
        OrEmpty.of(spec.getImagePullSecrets()).forEach(this::add);
        OrEmpty.of(spec.getInitContainers()).forEach(this::container);
        OrEmpty.of(spec.getContainers()).forEach(this::container);
        for (EphemeralContainer container : OrEmpty.of(spec.getEphemeralContainers())) {
            environment(OrEmpty.of(container.getEnvFrom()), OrEmpty.of(container.getEnv()));
        }
        OrEmpty.of(spec.getVolumes()).forEach(this::volume);
    }

    private void container(Container container) {
        environment(OrEmpty.of(container.getEnvFrom()), OrEmpty.of(container.getEnv()));
    }

    private void environment(List<EnvFromSource> sources, List<EnvVar> variables) {
        for (EnvFromSource source : sources) {
            if (source.getSecretRef() != null) {
                add(source.getSecretRef().getName());
            }
        }
        for (EnvVar variable : variables) {
            if (variable.getValueFrom() != null && variable.getValueFrom().getSecretKeyRef() != null) {
                add(variable.getValueFrom().getSecretKeyRef().getName());
            }
        }
    }

    private void volume(Volume volume) {
        if (volume.getSecret() != null) {
            add(volume.getSecret().getSecretName());
        }
        if (volume.getProjected() != null) {
            for (VolumeProjection source : OrEmpty.of(volume.getProjected().getSources())) {
                if (source.getSecret() != null) {
                    add(source.getSecret().getName());
                }
            }
        }
        if (volume.getAzureFile() != null) {
            add(volume.getAzureFile().getSecretName());
        }
        if (volume.getCsi() != null) {
            add(volume.getCsi().getNodePublishSecretRef());
        }
        if (volume.getCephfs() != null) {
            add(volume.getCephfs().getSecretRef());
        }
        if (volume.getCinder() != null) {
            add(volume.getCinder().getSecretRef());
        }
        if (volume.getFlexVolume() != null) {
            add(volume.getFlexVolume().getSecretRef());
        }
        if (volume.getRbd() != null) {
            add(volume.getRbd().getSecretRef());
        }
        if (volume.getScaleIO() != null) {
            add(volume.getScaleIO().getSecretRef());
        }
        if (volume.getIscsi() != null) {
            add(volume.getIscsi().getSecretRef());
        }
        if (volume.getStorageos() != null) {
            add(volume.getStorageos().getSecretRef());
        }
    }

    private void add(@Nullable LocalObjectReference reference) {
        if (reference != null) {
            add(reference.getName());
        }
    }

    private void add(@Nullable String name) {
        if (name != null && !name.isEmpty()) {
            names.add(name);
        }
    }
}
