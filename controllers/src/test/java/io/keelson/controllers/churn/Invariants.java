package io.keelson.controllers.churn;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must be so of all objects of a cluster that is at rest, whatever their kind. */
final class Invariants {
    private Invariants() {}

    /** All objects of all kinds that can be listed. */
    static List<GenericKubernetesResource> objects(KubernetesClient client) {
        List<GenericKubernetesResource> objects = new ArrayList<>();
        List<String> versions = new ArrayList<>(List.of("v1"));
        for (APIGroup group : client.getApiGroups().getGroups()) {
            versions.add(group.getPreferredVersion().getGroupVersion());
        }
        for (String version : versions) {
            for (APIResource resource : client.getApiResources(version).getResources()) {
                if (!resource.getName().contains("/") && resource.getVerbs().contains("list")) {
                    objects.addAll(list(client, version, resource));
                }
            }
        }
        return objects;
    }

    private static List<GenericKubernetesResource> list(KubernetesClient client, String version, APIResource resource) {
        int slash = version.indexOf('/');
        ResourceDefinitionContext kind = new ResourceDefinitionContext.Builder()
                .withGroup(slash < 0 ? "" : version.substring(0, slash))
                .withVersion(version.substring(slash + 1))
                .withKind(resource.getKind())
                .withPlural(resource.getName())
                .withNamespaced(resource.getNamespaced())
                .build();
        var all = client.genericKubernetesResources(kind);
        return (resource.getNamespaced() ? all.inAnyNamespace() : all).list().getItems();
    }

    static String named(HasMetadata object) {
        return object.getKind()
                + ' '
                + OrEmpty.of(object.getMetadata().getNamespace())
                + '/'
                + object.getMetadata().getName();
    }

    /** What is left over: objects without their owners or namespaces, and those that are on their way out for ever. */
    static List<String> leaks(List<GenericKubernetesResource> objects) {
        Set<String> uids = new HashSet<>();
        Set<String> namespaces = new HashSet<>();
        for (HasMetadata object : objects) {
            uids.add(object.getMetadata().getUid());
            if (object.getKind().equals("Namespace")) {
                namespaces.add(object.getMetadata().getName());
            }
        }
        List<String> leaks = new ArrayList<>();
        for (HasMetadata object : objects) {
            for (OwnerReference owner : OrEmpty.of(object.getMetadata().getOwnerReferences())) {
                if (!uids.contains(owner.getUid())) {
                    leaks.add(named(object) + " has an owner that is gone: " + owner.getKind() + ' ' + owner.getName());
                }
            }
            String namespace = object.getMetadata().getNamespace();
            if (namespace != null && !namespaces.contains(namespace)) {
                leaks.add(named(object) + " is in a namespace that is gone");
            }
            if (object.isMarkedForDeletion()) {
                leaks.add(named(object) + " is not gone since "
                        + object.getMetadata().getDeletionTimestamp() + ", finalizers "
                        + object.getMetadata().getFinalizers());
            }
        }
        return leaks;
    }

    /** What is there though nobody wants anything any more. */
    static List<String> remains(List<GenericKubernetesResource> objects) {
        List<String> remains = new ArrayList<>();
        for (HasMetadata object : objects) {
            String namespace = OrEmpty.of(object.getMetadata().getNamespace());
            boolean ofUsers = Users.namespaces().contains(namespace)
                    || (object.getKind().equals("Namespace")
                            && Users.namespaces().contains(object.getMetadata().getName()));
            boolean ofMachines =
                    namespace.equals("kube-node-lease") && object.getKind().equals("Lease");
            boolean ofVolumes = Set.of("PersistentVolume", "VolumeAttachment", "CSINode", "Node")
                    .contains(object.getKind());
            if (ofUsers || ofMachines || ofVolumes) {
                remains.add(named(object) + " is left");
            }
        }
        return remains;
    }
}
