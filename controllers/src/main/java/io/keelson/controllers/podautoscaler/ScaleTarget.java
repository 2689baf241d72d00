package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.ScaleSubresources;

/** The object that is scaled, as it was read. */
record ScaleTarget(ScaleSubresources.Kind kind, Scale scale) {
    /**
     * Reads the target of an autoscaler.
     *
     * @throws KubernetesClientException if there is none, it has no scale, or the API cannot be asked
     */
    static ScaleTarget of(ScaleSubresources scales, HorizontalPodAutoscaler autoscaler) {
        CrossVersionObjectReference reference = autoscaler.getSpec().getScaleTargetRef();
        String version = OrEmpty.of(reference.getApiVersion());
        int slash = version.indexOf('/');
        if (slash != version.lastIndexOf('/')) {
            throw new KubernetesClientException("unexpected GroupVersion string: " + version);
        }
        ScaleSubresources.Kind kind = scales.find(version.isEmpty() ? "v1" : version, reference.getKind());
        if (kind == null) {
            String group = slash < 0 ? "" : version.substring(0, slash);
            throw new KubernetesClientException(
                    "no matches for kind \"" + reference.getKind() + "\" in group \"" + group + '"');
        }
        if (!kind.scalable()) {
            throw new KubernetesClientException("the server could not find the requested resource");
        }
        String namespace = autoscaler.getMetadata().getNamespace();
        return new ScaleTarget(kind, scales.get(kind, namespace, reference.getName()));
    }

    /** How many replicas are asked for. */
    int replicas() {
        return scale.getSpec() == null ? 0 : OrEmpty.of(scale.getSpec().getReplicas());
    }

    /** How many replicas there are. */
    int present() {
        return scale.getStatus() == null ? 0 : OrEmpty.of(scale.getStatus().getReplicas());
    }

    /** The selector of its pods as text; empty if it does not say. */
    String selector() {
        return scale.getStatus() == null ? "" : OrEmpty.of(scale.getStatus().getSelector());
    }
}
