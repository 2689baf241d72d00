package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Events;

/** Makes and deletes pods for an owner, and tells it of each. */
public final class PodCreation {
    private final KubernetesClient client;
    private final Events events;

    /** Writes through a client and tells by events of the controller. */
    public PodCreation(KubernetesClient client, Events events) {
        this.client = client;
        this.events = events;
    }

    /** The pod that a template describes, controlled by an owner in its namespace and named after it by the server. */
    public static Pod fromTemplate(PodTemplateSpec template, HasMetadata owner) {
        ObjectMeta described = template.getMetadata();
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withGenerateName(owner.getMetadata().getName() + '-')
                .withNamespace(owner.getMetadata().getNamespace())
                .withOwnerReferences(Owners.controllerReference(owner))
                .endMetadata()
                .withSpec(template.getSpec());
        if (described != null) {
            pod.editMetadata()
                    .withLabels(OrEmpty.of(described.getLabels()))
                    .withAnnotations(OrEmpty.of(described.getAnnotations()))
                    .withFinalizers(OrEmpty.of(described.getFinalizers()))
                    .endMetadata();
        }
        return pod.build();
    }

    /**
     * Creates a pod.
     *
     * @throws KubernetesClientException if the API refuses; the owner is told, unless the namespace is on its way out
     */
    public Pod create(Pod pod, HasMetadata owner) {
        Pod created;
        try {
            created = client.pods()
                    .inNamespace(owner.getMetadata().getNamespace())
                    .resource(pod)
                    .create();
        } catch (KubernetesClientException e) {
            if (!namespaceEnds(e)) {
                events.warning(owner, "FailedCreate", "Error creating: " + Refusals.message(e));
            }
            throw e;
        }
        events.normal(
                owner,
                "SuccessfulCreate",
                "Created pod: " + created.getMetadata().getName());
        return created;
    }

    /**
     * Deletes a pod; one that is gone already, or another one of its name, is left alone.
     *
     * @return whether it was there
     * @throws KubernetesClientException if the API refuses; the owner is told
     */
    public boolean delete(Pod pod, HasMetadata owner) {
        try {
            boolean wasThere = Deletion.of(client, pod);
            if (wasThere) {
                events.normal(
                        owner,
                        "SuccessfulDelete",
                        "Deleted pod: " + pod.getMetadata().getName());
            }
            return wasThere;
        } catch (KubernetesClientException e) {
            events.warning(owner, "FailedDelete", "Error deleting: " + Refusals.message(e));
            throw e;
        }
    }

    /** Whether the API refuses because the namespace is being deleted: no use to say it, or to try again. */
    public static boolean namespaceEnds(KubernetesClientException refusal) {
        Status status = refusal.getStatus();
        if (status == null || status.getDetails() == null) {
            return false;
        }
        for (StatusCause cause : OrEmpty.of(status.getDetails().getCauses())) {
            if ("NamespaceTerminating".equals(cause.getReason())) {
                return true;
            }
        }
        return false;
    }
}
