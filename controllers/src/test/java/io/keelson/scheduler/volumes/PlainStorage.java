package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TopologySelectorLabelRequirement;
import io.fabric8.kubernetes.api.model.TopologySelectorTerm;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the documentation says of volumes and nodes, looking at everything each time. */
final class PlainStorage {
    final Map<String, Node> nodes = new LinkedHashMap<>();
    final Map<String, Pod> pods = new LinkedHashMap<>();
    final Map<String, String> places = new LinkedHashMap<>();
    final Map<String, StorageClass> classes = new LinkedHashMap<>();
    final Map<String, PersistentVolumeClaim> claims = new LinkedHashMap<>();
    final Map<String, PersistentVolume> volumes = new LinkedHashMap<>();
    final Map<String, CSINode> csiNodes = new LinkedHashMap<>();
    final Map<String, CSIDriver> drivers = new LinkedHashMap<>();
    final Map<String, CSIStorageCapacity> capacities = new LinkedHashMap<>();
    final Map<String, VolumeAttachment> attachments = new LinkedHashMap<>();

    Set<String> reasons(String filter, Pod pod, Node node) {
        return switch (filter) {
            case "VolumeRestrictions" -> restrictions(pod, node);
            case "NodeVolumeLimits" -> exceeds(pod, node) ? Set.of("node(s) exceed max volume count") : Set.of();
            case "VolumeBinding" -> binding(pod, node);
            case "VolumeZone" -> zone(pod, node);
            default -> throw new IllegalArgumentException(filter);
        };
    }

    private List<Pod> on(Node node) {
        return pods.values().stream()
                .filter(pod -> node.getMetadata()
                        .getName()
                        .equals(places.get(pod.getMetadata().getName())))
                .toList();
    }

    private static String nameOf(Pod pod, Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return volume.getPersistentVolumeClaim().getClaimName();
        }
        return volume.getEphemeral() == null ? "" : pod.getMetadata().getName() + "-" + volume.getName();
    }

    private static String missing(String claim) {
        return "persistentvolumeclaim \"" + claim + "\" not found";
    }

    private static String annotation(HasMetadata object, String name) {
        Map<String, String> all = object.getMetadata().getAnnotations();
        return all == null ? "" : all.getOrDefault(name, "");
    }

    private static Map<String, String> labels(HasMetadata object) {
        return object.getMetadata().getLabels() == null
                ? Map.of()
                : object.getMetadata().getLabels();
    }

    private Set<String> restrictions(Pod pod, Node node) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            if (volume.getPersistentVolumeClaim() != null && !claims.containsKey(nameOf(pod, volume))) {
                return Set.of(missing(nameOf(pod, volume)));
            }
        }
        for (Volume mine : pod.getSpec().getVolumes()) {
            for (Pod other : on(node)) {
                for (Volume theirs : other.getSpec().getVolumes()) {
                    if (clash(mine, theirs)) {
                        return Set.of("node(s) had no available disk");
                    }
                }
            }
        }
        for (Volume mine : pod.getSpec().getVolumes()) {
            PersistentVolumeClaim claim =
                    mine.getPersistentVolumeClaim() == null ? null : claims.get(nameOf(pod, mine));
            if (claim != null && claim.getSpec().getAccessModes().contains("ReadWriteOncePod")) {
                for (Pod other : pods.values()) {
                    for (Volume theirs : other.getSpec().getVolumes()) {
                        if (nameOf(other, theirs).equals(nameOf(pod, mine))) {
                            return Set.of("node has pod using PersistentVolumeClaim with the same name and"
                                    + " ReadWriteOncePod access mode");
                        }
                    }
                }
            }
        }
        return Set.of();
    }

    private static boolean clash(Volume one, Volume other) {
        if (one.getGcePersistentDisk() != null && other.getGcePersistentDisk() != null) {
            return one.getGcePersistentDisk()
                            .getPdName()
                            .equals(other.getGcePersistentDisk().getPdName())
                    && !(one.getGcePersistentDisk().getReadOnly()
                            && other.getGcePersistentDisk().getReadOnly());
        }
        if (one.getAwsElasticBlockStore() != null && other.getAwsElasticBlockStore() != null) {
            return one.getAwsElasticBlockStore()
                    .getVolumeID()
                    .equals(other.getAwsElasticBlockStore().getVolumeID());
        }
        if (one.getIscsi() != null && other.getIscsi() != null) {
            return one.getIscsi().getIqn().equals(other.getIscsi().getIqn())
                    && !(one.getIscsi().getReadOnly() && other.getIscsi().getReadOnly());
        }
        if (one.getRbd() != null && other.getRbd() != null) {
            Set<String> both = new HashSet<>(one.getRbd().getMonitors());
            both.retainAll(other.getRbd().getMonitors());
            return !both.isEmpty()
                    && one.getRbd().getImage().equals(other.getRbd().getImage())
                    && !(one.getRbd().getReadOnly() && other.getRbd().getReadOnly());
        }
        return false;
    }

    private Set<String> attached(Pod pod, Node node) {
        CSINode csiNode = csiNodes.get(node.getMetadata().getName());
        boolean migrates = csiNode != null
                && List.of(annotation(csiNode, "storage.alpha.kubernetes.io/migrated-plugins")
                                .split(","))
                        .contains("kubernetes.io/aws-ebs");
        Set<String> found = new TreeSet<>();
        for (Volume volume : pod.getSpec().getVolumes()) {
            String name = nameOf(pod, volume);
            if (name.isEmpty()) {
                if (volume.getAwsElasticBlockStore() != null && migrates) {
                    found.add("ebs.csi.aws.com "
                            + volume.getAwsElasticBlockStore().getVolumeID());
                }
                continue;
            }
            PersistentVolumeClaim claim = claims.get(name);
            if (claim == null || (volume.getEphemeral() != null && !owns(pod, claim))) {
                continue;
            }
            PersistentVolume bound = volumes.get(String.valueOf(claim.getSpec().getVolumeName()));
            StorageClass storageClass = classes.get(claim.getSpec().getStorageClassName());
            if (bound != null) {
                found.addAll(attached(bound, migrates));
            } else if (storageClass != null) {
                if (!storageClass.getProvisioner().equals("kubernetes.io/aws-ebs")) {
                    found.add(storageClass.getProvisioner() + " new " + name);
                } else if (migrates) {
                    found.add("ebs.csi.aws.com new " + name);
                }
            }
        }
        return found;
    }

    private static Set<String> attached(PersistentVolume volume, boolean migrates) {
        if (volume.getSpec().getCsi() != null) {
            return Set.of(volume.getSpec().getCsi().getDriver() + " "
                    + volume.getSpec().getCsi().getVolumeHandle());
        }
        return volume.getSpec().getAwsElasticBlockStore() != null && migrates
                ? Set.of("ebs.csi.aws.com "
                        + volume.getSpec()
                                .getAwsElasticBlockStore()
                                .getVolumeID()
                                .replace("aws://east/", ""))
                : Set.of();
    }

    private static boolean owns(Pod pod, PersistentVolumeClaim claim) {
        return claim.getMetadata().getOwnerReferences().stream()
                .anyMatch(each -> each.getUid().equals(pod.getMetadata().getUid()));
    }

    private boolean exceeds(Pod pod, Node node) {
        CSINode csiNode = csiNodes.get(node.getMetadata().getName());
        if (csiNode == null) {
            return false;
        }
        Set<String> there = new TreeSet<>();
        on(node).forEach(other -> there.addAll(attached(other, node)));
        boolean migrates = annotation(csiNode, "storage.alpha.kubernetes.io/migrated-plugins")
                .contains("kubernetes.io/aws-ebs");
        for (VolumeAttachment each : attachments.values()) {
            PersistentVolume volume = volumes.get(each.getSpec().getSource().getPersistentVolumeName());
            if (volume != null
                    && each.getSpec().getNodeName().equals(node.getMetadata().getName())) {
                there.addAll(attached(volume, migrates));
            }
        }
        Set<String> after = new TreeSet<>(there);
        after.addAll(attached(pod, node));
        for (CSINodeDriver driver : csiNode.getSpec().getDrivers()) {
            String prefix = driver.getName() + " ";
            long before = there.stream().filter(each -> each.startsWith(prefix)).count();
            long now = after.stream().filter(each -> each.startsWith(prefix)).count();
            Integer limit = driver.getAllocatable() == null
                    ? null
                    : driver.getAllocatable().getCount();
            if (limit != null && now > before && now > limit) {
                return true;
            }
        }
        return false;
    }

    /** The reason for which a pod can be nowhere; empty if there is none. */
    String unusable(Pod pod) {
        for (Volume volume : pod.getSpec().getVolumes()) {
            String name = nameOf(pod, volume);
            if (name.isEmpty()) {
                continue;
            }
            PersistentVolumeClaim claim = claims.get(name);
            if (claim == null && volume.getEphemeral() != null) {
                return "waiting for ephemeral volume controller to create the persistentvolumeclaim \"" + name + "\"";
            } else if (claim == null) {
                return missing(name);
            } else if (claim.getStatus().getPhase().equals("Lost")) {
                String volumeName = claim.getSpec().getVolumeName();
                return "persistentvolumeclaim \"" + name + "\" bound to non-existent persistentvolume \""
                        + (volumeName == null ? "" : volumeName) + "\"";
            } else if (claim.getMetadata().getDeletionTimestamp() != null) {
                return "persistentvolumeclaim \"" + name + "\" is being deleted";
            } else if (volume.getEphemeral() != null && !owns(pod, claim)) {
                return "PVC one/" + name + " was not created for pod one/"
                        + pod.getMetadata().getName() + " (pod is not owner)";
            }
        }
        for (PersistentVolumeClaim claim : claimsOf(pod)) {
            StorageClass storageClass = classes.get(claim.getSpec().getStorageClassName());
            boolean waits =
                    storageClass != null && storageClass.getVolumeBindingMode().startsWith("Wait");
            if (!isBound(claim) && (claim.getSpec().getVolumeName() != null || !waits)) {
                return "pod has unbound immediate PersistentVolumeClaims";
            }
        }
        return "";
    }

    private Set<PersistentVolumeClaim> claimsOf(Pod pod) {
        Set<String> names = new LinkedHashSet<>();
        pod.getSpec().getVolumes().forEach(each -> names.add(nameOf(pod, each)));
        Set<PersistentVolumeClaim> found = new LinkedHashSet<>();
        for (String name : names) {
            PersistentVolumeClaim claim = claims.get(name);
            if (claim != null) {
                found.add(claim);
            }
        }
        return found;
    }

    private static boolean isBound(PersistentVolumeClaim claim) {
        return !annotation(claim, "pv.kubernetes.io/bind-completed").isEmpty();
    }

    private Set<String> binding(Pod pod, Node node) {
        String unusable = unusable(pod);
        if (!unusable.isEmpty()) {
            return Set.of(unusable);
        }
        Set<String> reasons = new TreeSet<>();
        for (PersistentVolumeClaim claim : claimsOf(pod)) {
            PersistentVolume volume = volumes.get(String.valueOf(claim.getSpec().getVolumeName()));
            if (!isBound(claim)) {
                continue;
            }
            if (volume == null && reasons.isEmpty()) {
                reasons.add("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)");
            }
            if (volume == null) {
                break;
            }
            if (!reaches(volume, node)) {
                reasons.add("node(s) didn't match PersistentVolume's node affinity");
                break;
            }
        }
        String why = places(pod, node, new LinkedHashMap<>());
        if (!why.isEmpty()) {
            reasons.add(why);
        }
        return reasons;
    }

    /** Puts in what each unbound claim gets of the volumes; why they cannot all have one, or empty. */
    String places(Pod pod, Node node, Map<String, String> chosen) {
        String none = "node(s) didn't find available persistent volumes to bind";
        List<PersistentVolumeClaim> make = new ArrayList<>();
        List<PersistentVolumeClaim> match = new ArrayList<>();
        for (PersistentVolumeClaim claim : claimsOf(pod)) {
            String selected = annotation(claim, "volume.kubernetes.io/selected-node");
            if (isBound(claim)) {
                continue;
            }
            if (selected.isEmpty()) {
                match.add(claim);
            } else if (selected.equals(node.getMetadata().getName())) {
                make.add(claim);
            } else {
                return none;
            }
        }
        match.sort(Comparator.comparing(PlainStorage::size));
        for (PersistentVolumeClaim claim : match) {
            PersistentVolume volume = volumeFor(claim, node, chosen.values());
            if (volume == null) {
                make.add(claim);
            } else {
                chosen.put(claim.getMetadata().getName(), volume.getMetadata().getName());
            }
        }
        for (PersistentVolumeClaim claim : make) {
            StorageClass storageClass = classes.get(claim.getSpec().getStorageClassName());
            if (storageClass == null
                    || storageClass.getProvisioner().endsWith("no-provisioner")
                    || !allows(storageClass, node)) {
                return none;
            }
            CSIDriver driver = drivers.get(storageClass.getProvisioner());
            boolean counts = driver != null && driver.getSpec().getStorageCapacity();
            if (counts && size(claim).signum() > 0 && !hasRoom(claim, node)) {
                return "node(s) did not have enough free storage";
            }
        }
        return "";
    }

    private boolean hasRoom(PersistentVolumeClaim claim, Node node) {
        for (CSIStorageCapacity each : capacities.values()) {
            Quantity room = each.getMaximumVolumeSize() == null ? each.getCapacity() : each.getMaximumVolumeSize();
            boolean near = each.getNodeTopology() != null
                    && (each.getNodeTopology().getMatchLabels() == null
                            || labels(node)
                                    .entrySet()
                                    .containsAll(each.getNodeTopology()
                                            .getMatchLabels()
                                            .entrySet()));
            if (near
                    && each.getStorageClassName().equals(claim.getSpec().getStorageClassName())
                    && room != null
                    && Quantity.getAmountInBytes(room).compareTo(size(claim)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean allows(StorageClass storageClass, Node node) {
        List<TopologySelectorTerm> terms = storageClass.getAllowedTopologies();
        if (terms == null || terms.isEmpty()) {
            return true;
        }
        for (TopologySelectorTerm term : terms) {
            boolean all = true;
            for (TopologySelectorLabelRequirement each : term.getMatchLabelExpressions()) {
                all &= each.getValues().contains(String.valueOf(labels(node).get(each.getKey())));
            }
            if (all) {
                return true;
            }
        }
        return false;
    }

    private static BigDecimal size(PersistentVolumeClaim claim) {
        Map<String, Quantity> requests = claim.getSpec().getResources().getRequests();
        return requests == null || requests.isEmpty()
                ? BigDecimal.ZERO
                : Quantity.getAmountInBytes(requests.get("storage"));
    }

    private static BigDecimal size(PersistentVolume volume) {
        return Quantity.getAmountInBytes(volume.getSpec().getCapacity().get("storage"));
    }

    private @Nullable PersistentVolume volumeFor(PersistentVolumeClaim claim, Node node, Collection<String> taken) {
        List<PersistentVolume> fit = new ArrayList<>();
        List<PersistentVolume> own = new ArrayList<>();
        for (PersistentVolume volume : volumes.values()) {
            boolean holds = size(volume).compareTo(size(claim)) >= 0
                    && volume.getSpec().getVolumeMode() == null
                    && volume.getSpec()
                            .getAccessModes()
                            .containsAll(claim.getSpec().getAccessModes());
            ObjectReference reference = volume.getSpec().getClaimRef();
            if (holds && reference != null) {
                boolean mine = reference.getName().equals(claim.getMetadata().getName())
                        && (reference.getUid() == null
                                || reference.getUid().equals(claim.getMetadata().getUid()));
                if (mine) {
                    own.add(volume);
                }
            } else if (holds
                    && volume.getStatus().getPhase().equals("Available")
                    && volume.getSpec()
                            .getStorageClassName()
                            .equals(claim.getSpec().getStorageClassName())
                    && (claim.getSpec().getSelector() == null || labels(volume).containsKey("tier"))
                    && reaches(volume, node)
                    && !taken.contains(volume.getMetadata().getName())) {
                fit.add(volume);
            }
        }
        Comparator<PersistentVolume> byModes =
                Comparator.comparingInt(each -> each.getSpec().getAccessModes().size());
        Comparator<PersistentVolume> byName =
                Comparator.comparing(each -> each.getMetadata().getName());
        if (!own.isEmpty()) {
            own.sort(byModes.thenComparing(PlainStorage::size).thenComparing(byName));
            return reaches(own.getFirst(), node) ? own.getFirst() : null;
        }
        fit.sort(Comparator.<PersistentVolume, BigDecimal>comparing(PlainStorage::size)
                .thenComparing(byModes)
                .thenComparing(byName));
        return fit.isEmpty() ? null : fit.getFirst();
    }

    static boolean reaches(PersistentVolume volume, Node node) {
        if (volume.getSpec().getNodeAffinity() == null) {
            return true;
        }
        for (NodeSelectorTerm term :
                volume.getSpec().getNodeAffinity().getRequired().getNodeSelectorTerms()) {
            boolean all = true;
            for (NodeSelectorRequirement each : term.getMatchExpressions()) {
                String value = labels(node).get(each.getKey());
                boolean named = value != null && each.getValues().contains(value);
                all &= each.getOperator().equals("In") == named;
            }
            if (all) {
                return true;
            }
        }
        return false;
    }

    private Set<String> zone(Pod pod, Node node) {
        Set<String> reasons = Set.of();
        String here = labels(node).get(RandomStorage.ZONE);
        String hereFormerly = labels(node).get(RandomStorage.OLD_ZONE);
        for (Volume each : pod.getSpec().getVolumes()) {
            if (each.getPersistentVolumeClaim() == null) {
                continue;
            }
            PersistentVolumeClaim claim = claims.get(nameOf(pod, each));
            if (claim == null) {
                return Set.of(missing(nameOf(pod, each)));
            }
            String name = claim.getSpec().getVolumeName();
            String className = claim.getSpec().getStorageClassName();
            if (name == null) {
                if (className.isEmpty()) {
                    return Set.of("PersistentVolumeClaim had no pv name and storageClass name");
                }
                StorageClass storageClass = classes.get(className);
                if (storageClass == null) {
                    return Set.of("storageclass.storage.k8s.io \"" + className + "\" not found");
                }
                if (storageClass.getVolumeBindingMode().equals("Immediate")) {
                    return Set.of("PersistentVolume had no name");
                }
                continue;
            }
            PersistentVolume volume = volumes.get(name);
            if (volume == null) {
                return Set.of("persistentvolume \"" + name + "\" not found");
            }
            for (String label : List.of(RandomStorage.ZONE, RandomStorage.OLD_ZONE)) {
                String zones = labels(volume).getOrDefault(label, "");
                String mine = label.equals(RandomStorage.OLD_ZONE) && hereFormerly != null ? hereFormerly : here;
                boolean said = !zones.isEmpty() && !zones.endsWith("__");
                boolean nowhere = here == null && hereFormerly == null;
                if (said
                        && !nowhere
                        && (mine == null || !List.of(zones.split("__")).contains(mine))) {
                    reasons = Set.of("node(s) had no available volume zone");
                }
            }
        }
        return reasons;
    }
}
