package io.keelson.agent.claims;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerExtendedResourceRequest;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodExtendedResourceClaimStatus;
import io.fabric8.kubernetes.api.model.PodResourceClaim;
import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceRequestAllocationResult;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodClaims;
import io.keelson.controllers.objects.Refusals;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The claims of pods here. Any thread; what is done with one claim is done one after the other, as drivers want it,
 * and pods that share one wait for each other.
 */
public final class NodeClaims {
    /** Claims share them, by chance. */
    private static final int TURNS = 64;

    private final KubernetesClient client;
    private final DraDrivers drivers;
    private final ClaimBook book;
    private final List<ReentrantLock> turns =
            Stream.generate(ReentrantLock::new).limit(TURNS).toList();

    /**
     * Goes on with what the file says.
     *
     * @param file {@code dra_manager_state} in the agent's root
     */
    public NodeClaims(Path file, KubernetesClient client, DraDrivers drivers) {
        this.client = client;
        this.drivers = drivers;
        book = new ClaimBook(file);
    }

    @FunctionalInterface
    private interface Work {
        void run() throws ClaimProblem, InterruptedException;
    }

    private void inTurn(String key, Work work) throws ClaimProblem, InterruptedException {
        ReentrantLock turn = turns.get(Math.floorMod(key.hashCode(), TURNS));
        turn.lockInterruptibly();
        try {
            work.run();
        } finally {
            turn.unlock();
        }
    }

    /** Has all claims of a pod ready. Costs nothing when they are. */
    void prepare(Pod pod) throws ClaimProblem, InterruptedException {
        String uid = pod.getMetadata().getUid();
        for (Map.Entry<String, Boolean> wanted : names(pod).entrySet()) {
            String key = pod.getMetadata().getNamespace() + "/" + wanted.getKey();
            if (!isReady(key, uid)) {
                inTurn(key, () -> prepare(pod, wanted.getKey(), key, wanted.getValue()));
            }
        }
    }

    /** The names of the pod's claims, and whether they were made for it. */
    private static Map<String, Boolean> names(Pod pod) throws ClaimProblem {
        Map<String, Boolean> names = new TreeMap<>();
        Map<String, String> named = PodClaims.named(pod);
        for (PodResourceClaim entry : PodClaims.of(pod)) {
            String name = PodClaims.name(pod, entry);
            if (name != null) {
                names.put(name, entry.getResourceClaimName() == null);
            } else if (!named.containsKey(entry.getName())) {
                throw new ClaimProblem("pod \"%s/%s\": ResourceClaim for claim \"%s\" is not created yet"
                        .formatted(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                entry.getName()));
            }
        }
        extended(pod).ifPresent(status -> names.put(OrEmpty.of(status.getResourceClaimName()), true));
        return names;
    }

    /** The claim that stands for what containers ask for by the names of resources. */
    private static Optional<PodExtendedResourceClaimStatus> extended(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(status -> status.getExtendedResourceClaimStatus())
                .filter(status -> !OrEmpty.of(status.getResourceClaimName()).isEmpty());
    }

    private boolean isReady(String key, String podUid) {
        return book.find(key)
                .filter(known -> known.ready() && known.pods().contains(podUid))
                .isPresent();
    }

    private void prepare(Pod pod, String name, String key, boolean own) throws ClaimProblem, InterruptedException {
        String uid = pod.getMetadata().getUid();
        if (isReady(key, uid)) {
            return;
        }
        ResourceClaim claim = fetch(pod, name);
        check(pod, claim, own);
        String claimUid = claim.getMetadata().getUid();
        Optional<UsedClaim> known = book.find(key);
        if (known.isPresent() && !known.get().uid().equals(claimUid)) {
            throw new ClaimProblem("old ResourceClaim with same name " + name + " and different UID "
                    + known.get().uid() + " still exists");
        }
        UsedClaim used = known.orElseGet(() -> new UsedClaim(
                        pod.getMetadata().getNamespace(), name, claimUid, Set.of(), involved(claim), false))
                .with(uid);
        book.put(used);
        if (!used.ready()) {
            Map<String, List<ReadyDevice>> made = new HashMap<>();
            for (String driver : used.drivers().keySet()) {
                made.put(driver, drivers.prepare(driver, used));
            }
            book.put(used.with(made));
        }
    }

    private ResourceClaim fetch(Pod pod, String name) throws ClaimProblem {
        ResourceClaim claim;
        try {
            claim = client.resources(ResourceClaim.class)
                    .inNamespace(pod.getMetadata().getNamespace())
                    .withName(name)
                    .get();
        } catch (KubernetesClientException e) {
            throw new ClaimProblem("fetch ResourceClaim " + name + ": " + Refusals.message(e), e);
        }
        if (claim == null) {
            throw new ClaimProblem("fetch ResourceClaim " + name + ": not found");
        }
        return claim;
    }

    private static void check(Pod pod, ResourceClaim claim, boolean own) throws ClaimProblem {
        String conflict = own ? PodClaims.conflict(pod, claim) : null;
        if (conflict != null) {
            throw new ClaimProblem(conflict);
        }
        String name = claim.getMetadata().getName();
        if (claim.getStatus() == null || claim.getStatus().getAllocation() == null) {
            throw new ClaimProblem("ResourceClaim " + name + " not allocated");
        }
        String uid = pod.getMetadata().getUid();
        boolean reserved =
                OrEmpty.of(claim.getStatus().getReservedFor()).stream().anyMatch(user -> uid.equals(user.getUid()));
        if (!reserved) {
            throw new ClaimProblem("pod %s (%s) is not allowed to use ResourceClaim %s (%s)"
                    .formatted(
                            pod.getMetadata().getName(),
                            uid,
                            name,
                            claim.getMetadata().getUid()));
        }
    }

    private static Map<String, List<ReadyDevice>> involved(ResourceClaim claim) {
        Map<String, List<ReadyDevice>> drivers = new TreeMap<>();
        if (claim.getStatus().getAllocation().getDevices() != null) {
            for (DeviceRequestAllocationResult result :
                    OrEmpty.of(claim.getStatus().getAllocation().getDevices().getResults())) {
                drivers.put(result.getDriver(), List.of());
            }
        }
        return drivers;
    }

    /** The names by which the runtime knows the claimed devices of a container. */
    List<String> of(Pod pod, Container container) throws ClaimProblem {
        List<String> names = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.ResourceClaim wish : wanted(container)) {
            String name = name(pod, wish);
            if (name != null) {
                names.addAll(ready(pod, name).names(OrEmpty.of(wish.getRequest())));
            }
        }
        Optional<PodExtendedResourceClaimStatus> extended = extended(pod);
        if (extended.isPresent()) {
            for (ContainerExtendedResourceRequest request :
                    OrEmpty.of(extended.get().getRequestMappings())) {
                if (container.getName().equals(request.getContainerName())) {
                    names.addAll(ready(pod, extended.get().getResourceClaimName())
                            .names(OrEmpty.of(request.getRequestName())));
                }
            }
        }
        return names;
    }

    private static List<io.fabric8.kubernetes.api.model.ResourceClaim> wanted(Container container) {
        return container.getResources() == null
                ? List.of()
                : OrEmpty.of(container.getResources().getClaims());
    }

    /** The name of the claim that a container means; null as long as there is none. */
    private static @Nullable String name(Pod pod, io.fabric8.kubernetes.api.model.ResourceClaim wish) {
        for (PodResourceClaim entry : PodClaims.of(pod)) {
            if (entry.getName().equals(wish.getName())) {
                return PodClaims.name(pod, entry);
            }
        }
        return null;
    }

    /** How the claimed devices of a container are, as far as they were made ready. */
    List<ResourceStatus> health(Pod pod, Container container) {
        List<ResourceStatus> all = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.ResourceClaim wish : wanted(container)) {
            String request = OrEmpty.of(wish.getRequest());
            // The same device may be there for several requests; its id is told once.
            Map<String, ResourceHealth> devices = new TreeMap<>();
            Optional.ofNullable(name(pod, wish))
                    .flatMap(name -> book.find(pod.getMetadata().getNamespace() + "/" + name))
                    .ifPresent(claim -> claim.drivers()
                            .forEach((driver, ready) -> ready.stream()
                                    .filter(device -> device.isFor(request))
                                    .forEach(device -> devices.computeIfAbsent(
                                            device.id(driver), id -> drivers.health(driver, device.name(), id)))));
            if (!devices.isEmpty()) {
                all.add(new ResourceStatus(
                        "claim:" + wish.getName() + (request.isEmpty() ? "" : "/" + request),
                        List.copyOf(devices.values())));
            }
        }
        return all;
    }

    /** Who is told, before any driver registers, whose devices are otherwise than before: the uid of a pod. */
    public void onHealth(Consumer<String> listener) {
        drivers.onHealth((driver, devices) -> users(driver, devices).forEach(listener));
    }

    private Set<String> users(String driver, Set<DeviceName> devices) {
        Set<String> pods = new HashSet<>();
        for (UsedClaim claim : book.all()) {
            boolean hasOne = claim.drivers().getOrDefault(driver, List.of()).stream()
                    .anyMatch(device -> devices.contains(device.name()));
            if (hasOne) {
                pods.addAll(claim.pods());
            }
        }
        return pods;
    }

    private UsedClaim ready(Pod pod, String name) throws ClaimProblem {
        return book.find(pod.getMetadata().getNamespace() + "/" + name)
                .filter(UsedClaim::ready)
                .orElseThrow(() -> new ClaimProblem("ResourceClaim " + name + " has not been made ready"));
    }

    /** The uids of pods that use claims, also from before a restart. */
    Set<String> pods() {
        Set<String> uids = new HashSet<>();
        book.all().forEach(claim -> uids.addAll(claim.pods()));
        return uids;
    }

    /** A pod is gone: what nobody uses any more is taken back. Right when repeated. */
    void unprepare(String podUid) throws ClaimProblem, InterruptedException {
        for (UsedClaim claim : book.all()) {
            if (claim.pods().contains(podUid)) {
                inTurn(claim.key(), () -> unprepare(claim.key(), podUid));
            }
        }
    }

    private void unprepare(String key, String podUid) throws ClaimProblem, InterruptedException {
        Optional<UsedClaim> known = book.find(key).filter(claim -> claim.pods().contains(podUid));
        if (known.isEmpty()) {
            return;
        }
        UsedClaim fewer = known.get().without(podUid);
        if (!fewer.pods().isEmpty()) {
            book.put(fewer);
            return;
        }
        for (String driver : fewer.drivers().keySet()) {
            drivers.unprepare(driver, fewer);
        }
        book.remove(key);
    }
}
