package io.keelson.controllers.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RevisionsTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static PodTemplateSpec template(String json) {
        try {
            return JSON.readValue(json, PodTemplateSpec.class);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static ControllerRevision revision(String name, long number, String data) {
        try {
            return new ControllerRevisionBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .withRevision(number)
                    .withData(JSON.readValue(data, Map.class))
                    .build();
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static final String TEMPLATE = """
            {"metadata": {"labels": {"app": "web"}},
             "spec": {"terminationGracePeriodSeconds": 30, "containers": [
                {"name": "c", "image": "i", "resources": {}, "ports": [{"containerPort": 80}]}]}}
            """;

    @Test
    void whatTheOriginalWritesOfATemplateIsTheSameContent() {
        ControllerRevision written = revision("web-1", 1, """
                {"spec": {"template": {"$patch": "replace",
                  "metadata": {"creationTimestamp": null, "labels": {"app": "web"}},
                  "spec": {"containers": [{"image": "i", "name": "c", "ports": [{"containerPort": 80}], "resources": {}}],
                    "terminationGracePeriodSeconds": 30, "nodeSelector": {}, "tolerations": []}}}}
                """);
        assertEquals(RevisionContent.of(template(TEMPLATE)), RevisionContent.of(written));
        assertEquals(
                RevisionContent.of(template(TEMPLATE)).hash(0),
                RevisionContent.of(written).hash(0));
    }

    @Test
    void aTemplateComesBackOutOfItsRevision() {
        RevisionContent content = RevisionContent.of(template(TEMPLATE));
        PodTemplateSpec back = content.template();
        assertNotNull(back);
        assertEquals("web", back.getMetadata().getLabels().get("app"));
        assertEquals(30, back.getSpec().getTerminationGracePeriodSeconds());
        assertEquals(content, RevisionContent.of(back));
        assertTrue(back.getAdditionalProperties().isEmpty());
    }

    @Test
    void aSelectorOfEveryPodIsNotTheSameAsNone() {
        String term = """
                {"spec": {"containers": [], "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
                  [{"topologyKey": "zone"%s}]}}}}
                """;
        assertNotEquals(
                RevisionContent.of(template(term.formatted(""))),
                RevisionContent.of(template(term.formatted(", \"labelSelector\": {}"))));
        assertEquals(
                RevisionContent.of(template(term.formatted(", \"labelSelector\": {\"matchLabels\": {}}"))),
                RevisionContent.of(template(term.formatted(", \"labelSelector\": {}"))));
    }

    @Test
    void fieldsThatTheModelDoesNotKnowCount() {
        assertNotEquals(
                RevisionContent.of(template("{\"spec\": {\"containers\": [], \"newField\": 1}}")),
                RevisionContent.of(template("{\"spec\": {\"containers\": [], \"newField\": 2}}")));
    }

    @Test
    void aRevisionOfSomethingElseHasNoTemplate() {
        assertNull(RevisionContent.of(revision("r", 1, "{\"spec\": {}}")).template());
        assertNull(RevisionContent.of(new ControllerRevisionBuilder(revision("r", 1, "{}"))
                        .withData(null)
                        .build())
                .template());
        assertThrows(
                IllegalArgumentException.class,
                () -> RevisionContent.of(revision("r", 1, "{\"spec\": {\"template\": {\"spec\": \"no\"}}}"))
                        .template());
    }

    @Test
    void collisionsChangeTheNameAndNotTheContent() {
        StatefulSet set = new StatefulSetBuilder()
                .withNewMetadata()
                .withName("w".repeat(230))
                .withNamespace("default")
                .withUid("u")
                .addToAnnotations("a", "b")
                .endMetadata()
                .build();
        ControllerRevision first = Revisions.draft(set, template(TEMPLATE), "hash", 3, 0);
        ControllerRevision second = Revisions.draft(set, template(TEMPLATE), "hash", 3, 1);
        assertNotEquals(first.getMetadata().getName(), second.getMetadata().getName());
        assertEquals(RevisionContent.of(first), RevisionContent.of(second));
        String hash = first.getMetadata().getLabels().get("hash");
        assertEquals("w".repeat(223) + '-' + hash, first.getMetadata().getName());
        assertEquals(Map.of("app", "web", "hash", hash), first.getMetadata().getLabels());
        assertEquals(Map.of("a", "b"), first.getMetadata().getAnnotations());
        assertEquals("u", first.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals(3, first.getRevision());
    }

    @Test
    void revisionsGoByNumberAndTheLatestOfAContentIsFound() {
        String one = "{\"spec\": {\"template\": {\"spec\": {\"hostname\": \"one\"}}}}";
        String two = "{\"spec\": {\"template\": {\"spec\": {\"hostname\": \"two\"}}}}";
        List<ControllerRevision> sorted =
                Revisions.sorted(List.of(revision("c", 3, one), revision("a", 10, two), revision("b", 2, one)));
        assertEquals(
                List.of("b", "c", "a"),
                sorted.stream()
                        .map(revision -> revision.getMetadata().getName())
                        .toList());
        assertEquals(11, Revisions.next(sorted));
        assertEquals(1, Revisions.next(List.of()));
        assertEquals(sorted.get(1), Revisions.latest(sorted, RevisionContent.of(revision("x", 1, one))));
        assertNull(Revisions.latest(sorted, RevisionContent.of(revision("x", 1, "{}"))));
        assertNull(Revisions.named(sorted, null));
        assertEquals(sorted.getLast(), Revisions.named(sorted, "a"));
    }

    @Test
    void theOldestThatAreNotInUseAreTooMany() {
        List<ControllerRevision> sorted =
                List.of(revision("a", 1, "{}"), revision("b", 2, "{}"), revision("c", 3, "{}"), revision("d", 4, "{}"));
        assertEquals(
                List.of("b", "c"),
                Revisions.oldest(sorted, revision -> revision.getRevision() == 1, 2).stream()
                        .map(revision -> revision.getMetadata().getName())
                        .toList());
        assertEquals(List.of(), Revisions.oldest(sorted, revision -> false, -3));
    }
}
