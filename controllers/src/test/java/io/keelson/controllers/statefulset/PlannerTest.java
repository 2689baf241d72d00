package io.keelson.controllers.statefulset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetOrdinals;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private final Map<String, PersistentVolumeClaim> claims = new HashMap<>();

    private Plan plan(StatefulSet set, Pod... pods) {
        return Planner.plan(
                set,
                List.of(pods),
                StatefulSets.revision("old"),
                StatefulSets.revision("new"),
                claims::get,
                StatefulSets.NOW);
    }

    private static List<String> names(Collection<Pod> pods) {
        List<String> names = new ArrayList<>();
        pods.forEach(pod -> names.add(pod.getMetadata().getName()));
        return names;
    }

    private static Pod ready(StatefulSet set, int ordinal, String revision) {
        return StatefulSets.pod(set, ordinal, revision, "Running", true);
    }

    private static Pod unready(StatefulSet set, int ordinal, String revision) {
        return StatefulSets.pod(set, ordinal, revision, "Running", false);
    }

    private static Pod leaving(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
    }

    @Test
    void anOrderedSetMakesTheFirstThatIsMissingWhenAllBeforeItAreAvailable() {
        StatefulSet set = StatefulSets.ordered(4);
        assertEquals(List.of("web-0"), names(plan(set).creations()));
        assertEquals(List.of("web-1"), names(plan(set, ready(set, 0, "new")).creations()));
        assertEquals(
                List.of("web-1"),
                names(plan(set, ready(set, 0, "new"), ready(set, 2, "new")).creations()));
        assertEquals(List.of(), names(plan(set, unready(set, 0, "new")).creations()));
        assertEquals(List.of(), names(plan(set, leaving(ready(set, 0, "new"))).creations()));
    }

    @Test
    void aParallelSetMakesAllThatAreMissing() {
        StatefulSet set = StatefulSets.parallel(4);
        assertEquals(
                List.of("web-0", "web-2", "web-3"),
                names(plan(set, unready(set, 1, "new")).creations()));
    }

    @Test
    void aBillionPodsAreMadeAThousandAtATime() {
        StatefulSet set = StatefulSets.parallel(Integer.MAX_VALUE);
        assertEquals(Planner.CREATIONS_MAX, plan(set).creations().size());
        set.getSpec().setOrdinals(new StatefulSetOrdinals(Integer.MAX_VALUE - 1));
        assertEquals(
                List.of("web-2147483646", "web-2147483647"), names(plan(set).creations()));
    }

    @Test
    void availabilityTakesTheSecondsThatTheSetWants() {
        StatefulSet set = StatefulSets.ordered(2);
        set.getSpec().setMinReadySeconds(10);
        Pod young = StatefulSets.readySince(ready(set, 0, "new"), StatefulSets.NOW.minusSeconds(9));
        assertEquals(List.of(), names(plan(set, young).creations()));
        Pod old = StatefulSets.readySince(ready(set, 0, "new"), StatefulSets.NOW.minusSeconds(10));
        assertEquals(List.of("web-1"), names(plan(set, old).creations()));
        assertEquals(
                1,
                StatusCount.untilAvailable(set, List.of(young), StatefulSets.NOW)
                        .orElseThrow()
                        .toSeconds());
        assertTrue(
                StatusCount.untilAvailable(set, List.of(old), StatefulSets.NOW).isEmpty());
    }

    @Test
    void anOrderedSetRemovesTheLastThatIsTooManyWhenAllOthersAreAvailable() {
        StatefulSet set = StatefulSets.ordered(1);
        Pod first = ready(set, 0, "new");
        assertEquals(
                List.of("web-2"),
                names(plan(set, first, ready(set, 1, "new"), ready(set, 2, "new"))
                        .deletions()));
        assertEquals(
                List.of(),
                names(plan(set, unready(set, 0, "new"), ready(set, 1, "new")).deletions()));
        assertEquals(
                List.of(),
                names(plan(set, first, ready(set, 1, "new"), leaving(ready(set, 2, "new")))
                        .deletions()));
        // Of two that do not work the first one may go, and it is not its turn.
        assertEquals(
                List.of(),
                names(plan(set, first, unready(set, 1, "new"), unready(set, 2, "new"))
                        .deletions()));
        assertEquals(
                List.of("web-2"),
                names(plan(set, first, ready(set, 1, "new"), unready(set, 2, "new"))
                        .deletions()));
    }

    @Test
    void podsBelowTheStartAreTooMany() {
        StatefulSet set = StatefulSets.parallel(1);
        set.getSpec().setOrdinals(new StatefulSetOrdinals(1));
        Plan plan = plan(set, ready(set, 0, "new"), ready(set, 1, "new"), ready(set, 2, "new"));
        assertEquals(List.of("web-2", "web-0"), names(plan.deletions()));
        assertEquals(List.of(), names(plan.creations()));
    }

    @Test
    void whatEndedIsDeletedAndNothingElseHappensInAnOrderedSet() {
        StatefulSet set = StatefulSets.ordered(3);
        for (String phase : List.of("Failed", "Succeeded")) {
            Plan plan = plan(set, StatefulSets.pod(set, 0, "new", phase, false), ready(set, 1, "new"));
            assertEquals(List.of("web-0"), names(plan.deletions()));
            assertEquals(List.of(), names(plan.creations()));
        }
        assertEquals(
                List.of(),
                names(plan(set, leaving(StatefulSets.pod(set, 0, "new", "Failed", false)))
                        .deletions()));
        StatefulSet parallel = StatefulSets.parallel(3);
        Plan plan = plan(parallel, StatefulSets.pod(set, 0, "new", "Failed", false));
        assertEquals(List.of("web-0"), names(plan.deletions()));
        assertEquals(List.of("web-1", "web-2"), names(plan.creations()));
    }

    @Test
    void outdatedPodsGoOneByOneFromTheLast() {
        StatefulSet set = StatefulSets.ordered(3);
        assertEquals(
                List.of("web-2"),
                names(plan(set, ready(set, 0, "old"), ready(set, 1, "old"), ready(set, 2, "old"))
                        .outdated()));
        assertEquals(
                List.of("web-1"),
                names(plan(set, ready(set, 0, "old"), ready(set, 1, "old"), ready(set, 2, "new"))
                        .outdated()));
        assertEquals(
                List.of(),
                names(plan(set, ready(set, 0, "old"), ready(set, 1, "old"), unready(set, 2, "new"))
                        .outdated()));
    }

    @Test
    void onDeleteAndThePartitionKeepOutdatedPods() {
        StatefulSet set = StatefulSets.partitioned(StatefulSets.parallel(3), 2, null);
        assertEquals(
                List.of(),
                names(plan(set, ready(set, 0, "old"), ready(set, 1, "old"), ready(set, 2, "new"))
                        .outdated()));
        set.getSpec().getUpdateStrategy().setType("OnDelete");
        assertEquals(
                List.of(),
                names(plan(set, ready(set, 0, "old"), ready(set, 1, "old"), ready(set, 2, "old"))
                        .outdated()));
    }

    @Test
    void asManyGoAsMayBeUnavailable() {
        for (StatefulSet set : List.of(StatefulSets.ordered(4), StatefulSets.parallel(4))) {
            StatefulSets.partitioned(set, 0, "75%");
            assertEquals(
                    List.of("web-3", "web-2", "web-1"),
                    names(plan(
                                    set,
                                    ready(set, 0, "old"),
                                    ready(set, 1, "old"),
                                    ready(set, 2, "old"),
                                    ready(set, 3, "old"))
                            .outdated()));
            StatefulSets.partitioned(set, 0, "20%");
            assertEquals(
                    List.of("web-3"),
                    names(plan(
                                    set,
                                    ready(set, 0, "old"),
                                    ready(set, 1, "old"),
                                    ready(set, 2, "old"),
                                    ready(set, 3, "old"))
                            .outdated()));
        }
        StatefulSet hostile = StatefulSets.partitioned(StatefulSets.parallel(2), -5, "many");
        assertEquals(
                List.of("web-1"),
                names(plan(hostile, ready(hostile, 0, "old"), ready(hostile, 1, "old"))
                        .outdated()));
    }

    @Test
    void aParallelSetReplacesFirstWhatDoesNotWorkAnyway() {
        StatefulSet set = StatefulSets.partitioned(StatefulSets.parallel(4), 0, null);
        Plan plan =
                plan(set, unready(set, 0, "old"), unready(set, 1, "old"), ready(set, 2, "old"), ready(set, 3, "old"));
        assertEquals(List.of("web-1", "web-0"), names(plan.outdated()));
        Plan after =
                plan(set, ready(set, 0, "new"), unready(set, 1, "new"), ready(set, 2, "old"), ready(set, 3, "old"));
        assertEquals(List.of(), names(after.outdated()));
    }

    @Test
    void podsThatTheUpdateHasNotReachedComeAgainAsTheyWere() {
        StatefulSet set = StatefulSets.partitioned(StatefulSets.parallel(3), 2, null);
        List<Pod> created = plan(set).creations();
        assertEquals(
                List.of("old", "old", "new"),
                created.stream().map(Identity::revisionOf).toList());
        assertEquals(
                "image-old",
                created.getFirst().getSpec().getContainers().getFirst().getImage());
        assertEquals(
                "image-new",
                created.getLast().getSpec().getContainers().getFirst().getImage());
    }

    @Test
    void aPodSaysWhoItIs() {
        StatefulSet set = StatefulSets.claiming(StatefulSets.ordered(1), "data");
        Pod pod = plan(set).creations().getFirst();
        assertEquals("web-0", pod.getSpec().getHostname());
        assertEquals("headless", pod.getSpec().getSubdomain());
        assertEquals("web-", pod.getMetadata().getGenerateName());
        assertEquals(
                Map.of(
                        "app", "web",
                        "statefulset.kubernetes.io/pod-name", "web-0",
                        "apps.kubernetes.io/pod-index", "0",
                        "controller-revision-hash", "new"),
                pod.getMetadata().getLabels());
        // The claim takes the place of the volume of its name; others stay.
        assertEquals(2, pod.getSpec().getVolumes().size());
        assertEquals(
                "data-web-0",
                pod.getSpec().getVolumes().getFirst().getPersistentVolumeClaim().getClaimName());
        assertEquals("other", pod.getSpec().getVolumes().getLast().getName());
    }

    @Test
    void aPodThatLostItsLabelOrItsVolumeIsMended() {
        StatefulSet set = StatefulSets.claiming(StatefulSets.ordered(1), "data");
        Pod whole = ready(set, 0, "new");
        claims.put("data-web-0", claim("data-web-0"));
        assertEquals(List.of(), plan(set, whole).upkeep());
        Pod nameless = new PodBuilder(whole)
                .editMetadata()
                .removeFromLabels("statefulset.kubernetes.io/pod-name")
                .endMetadata()
                .build();
        Upkeep upkeep = plan(set, nameless).upkeep().getFirst();
        assertEquals(whole, upkeep.mended());
        Pod bare = new PodBuilder(whole).editSpec().withVolumes().endSpec().build();
        claims.clear();
        upkeep = plan(set, bare).upkeep().getFirst();
        Pod attached = upkeep.mended();
        assertNotNull(attached);
        assertTrue(Storage.isAttached(set, attached, 0));
        assertEquals(1, upkeep.claims().missing().size());
    }

    @Test
    void aPodThatWaitsGetsTheClaimsThatItLacks() {
        StatefulSet set = StatefulSets.claiming(StatefulSets.ordered(2), "data");
        Plan plan = plan(set, StatefulSets.pod(set, 0, "new", "Pending", false));
        assertEquals(
                "data-web-0",
                plan.upkeep()
                        .getFirst()
                        .claims()
                        .missing()
                        .getFirst()
                        .getMetadata()
                        .getName());
        assertEquals(List.of(), plan.creations());
        // One that runs does not need it before it comes again.
        assertEquals(List.of(), plan(set, ready(set, 0, "new")).upkeep());
    }

    @Test
    void namesThatAreNotOfTheSetAreLeftAlone() {
        StatefulSet set = StatefulSets.parallel(1);
        for (String name :
                List.of("web", "web-", "web-01", "web-+1", "web--1", "web-x-0", "other-0", "web-99999999999")) {
            Pod stranger = new PodBuilder(ready(set, 0, "old"))
                    .editMetadata()
                    .withName(name)
                    .endMetadata()
                    .build();
            Plan plan = plan(set, stranger);
            assertEquals(List.of("web-0"), names(plan.creations()), name);
            assertEquals(List.of(), names(plan.allDeletions()), name);
            assertEquals(
                    0,
                    StatusCount.of(set, List.of(stranger), "old", "new", 0, List.of(), StatefulSets.NOW)
                            .getReplicas());
        }
    }

    private static PersistentVolumeClaim claim(String name, OwnerReference... owners) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(name)
                .withOwnerReferences(owners)
                .endMetadata()
                .build();
    }

    private static OwnerReference owner(String kind, String name, String uid) {
        return new OwnerReferenceBuilder()
                .withApiVersion(kind.equals("Pod") ? "v1" : "apps/v1")
                .withKind(kind)
                .withName(name)
                .withUid(uid)
                .withController(true)
                .build();
    }

    @Test
    void whoOwnsAClaimFollowsFromThePolicyAndWhetherThePodIsToBe() {
        Map<List<String>, List<String>> expected = Map.of(
                List.of("Retain", "Retain"), List.of("", ""),
                List.of("Delete", "Retain"), List.of("StatefulSet", "StatefulSet"),
                List.of("Retain", "Delete"), List.of("", "Pod"),
                List.of("Delete", "Delete"), List.of("StatefulSet", "Pod"),
                List.of("what", "ever"), List.of("", ""));
        expected.forEach((policy, owners) -> {
            StatefulSet set = StatefulSets.retaining(StatefulSets.parallel(1), policy.getFirst(), policy.getLast());
            Retention retention = Retention.of(set);
            for (int ordinal = 0; ordinal < 2; ordinal++) {
                Pod pod = ready(set, ordinal, "new");
                List<OwnerReference> wanted = retention.owners(claim("data"), set, pod);
                String kind = wanted.isEmpty() ? "" : wanted.getFirst().getKind();
                assertEquals(owners.get(ordinal), kind, policy + " " + ordinal);
                assertTrue(retention.isKept(claim("data", wanted.toArray(OwnerReference[]::new)), set, pod));
                assertEquals(kind.isEmpty(), retention.isKept(claim("data"), set, pod));
            }
        });
    }

    @Test
    void aClaimOfAnotherControllerOrOfAnEarlierPodIsLeftAlone() {
        StatefulSet set = StatefulSets.retaining(StatefulSets.parallel(1), "Delete", "Delete");
        Retention retention = Retention.of(set);
        Pod pod = ready(set, 0, "new");
        OwnerReference another = owner("Other", "x", "x");
        assertTrue(retention.isKept(claim("data", another), set, pod));
        PersistentVolumeClaim shared = claim("data", another, owner("StatefulSet", "web", "set"));
        assertEquals(false, retention.isKept(shared, set, pod));
        assertEquals(List.of(another), retention.owners(shared, set, pod));
        assertTrue(retention.isKept(claim("data", owner("Pod", "web-0", "earlier")), set, pod));
        assertTrue(retention.isKept(claim("data", owner("StatefulSet", "web", "earlier")), set, pod));
        OwnerReference weak = new OwnerReferenceBuilder(owner("StatefulSet", "web", "set"))
                .withController(null)
                .build();
        assertEquals(false, retention.isKept(claim("data", weak), set, pod));
    }

    @Test
    void aPodIsNotMadeWhileItsClaimIsAboutToGo() {
        StatefulSet set =
                StatefulSets.claiming(StatefulSets.retaining(StatefulSets.parallel(2), "Retain", "Delete"), "data");
        claims.put("data-web-1", claim("data-web-1", owner("Pod", "web-1", "earlier")));
        assertEquals(List.of("web-0"), names(plan(set).creations()));
        StatefulSets.retaining(set, "Retain", "Retain");
        assertEquals(List.of("web-0", "web-1"), names(plan(set).creations()));
    }

    @Test
    void claimsOfCondemnedPodsGetTheirOwnersBeforeThePodsGo() {
        StatefulSet set =
                StatefulSets.claiming(StatefulSets.retaining(StatefulSets.ordered(1), "Retain", "Delete"), "data");
        claims.put("data-web-0", claim("data-web-0"));
        claims.put("data-web-1", claim("data-web-1"));
        Plan plan = plan(set, ready(set, 0, "new"), ready(set, 1, "new"));
        assertEquals(1, plan.condemned().size());
        PersistentVolumeClaim owned =
                plan.condemned().getFirst().claims().misowned().getFirst();
        assertEquals(
                "uid-1", owned.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals(List.of("web-1"), names(plan.deletions()));
        assertEquals(List.of(), claims.get("data-web-1").getMetadata().getOwnerReferences());
    }

    @Test
    void theStatusCountsAndSaysWhenAnUpdateIsComplete() {
        StatefulSet set = StatefulSets.partitioned(StatefulSets.parallel(3), 0, null);
        set.getMetadata().setGeneration(7L);
        List<Pod> pods = List.of(ready(set, 0, "old"), leaving(ready(set, 1, "old")), unready(set, 2, "new"));
        StatefulSetStatus status = StatusCount.of(set, pods, "old", "new", 2, List.of(), StatefulSets.NOW);
        assertEquals(3, status.getReplicas());
        assertEquals(2, status.getReadyReplicas());
        assertEquals(2, status.getAvailableReplicas());
        assertEquals(1, status.getCurrentReplicas());
        assertEquals(1, status.getUpdatedReplicas());
        assertEquals("old", status.getCurrentRevision());
        assertEquals("new", status.getUpdateRevision());
        assertEquals(2, status.getCollisionCount());
        assertEquals(7, status.getObservedGeneration());
        assertEquals(
                0,
                StatusCount.of(set, pods, "old", "new", 2, List.of(pods.getFirst()), StatefulSets.NOW)
                        .getCurrentReplicas());

        List<Pod> updated = List.of(ready(set, 0, "new"), ready(set, 1, "new"), ready(set, 2, "new"));
        status = StatusCount.of(set, updated, "old", "new", 0, List.of(), StatefulSets.NOW);
        assertEquals("new", status.getCurrentRevision());
        assertEquals(3, status.getCurrentReplicas());
        assertTrue(StatusCount.differs(set, status));
        set.setStatus(status);
        assertEquals(
                false, StatusCount.differs(set, StatusCount.of(set, updated, "new", "new", 0, List.of(), Instant.MAX)));
    }
}
