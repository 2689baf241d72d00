package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Events as servers write them, and as they do not, each read by the library as well. */
class SlimReadingProperties {
    private static final KubernetesSerialization USUAL = new KubernetesSerialization();
    private static final SlimReading SLIM = new SlimReading();

    private static final String METADATA = """
            "metadata": {"namespace": "a", "name": "b", "uid": "c", "resourceVersion": "7", "labels": {"x": "y"},
            "generation": 3}""";
    private static final String MANAGED = METADATA.replace("\"generation\"", """
            "managedFields": [{"manager": "m", "operation": "Update", "fieldsV1": {"f:spec": {"f:nodeName": {}}}}],
            "generation\"""");
    private static final String SPEC = """
            "spec": {"nodeName": "n", "priority": 5, "containers": [{"name": "é\\n", "resources":
            {"requests": {"cpu": "100m"}}, "ports": [{"containerPort": 80}], "unknown": [1, 2.5, null, {"z": true}]}]}""";
    private static final String POD = object("\"kind\": \"Pod\"", "\"apiVersion\": \"v1\"", METADATA, SPEC);
    private static final String MANAGED_POD = object("\"kind\": \"Pod\"", "\"apiVersion\": \"v1\"", MANAGED, SPEC);

    private static String object(String... fields) {
        return '{' + String.join(", ", fields) + '}';
    }

    private static String event(String object) {
        return object("\"type\": \"MODIFIED\"", "\"object\": " + object);
    }

    /** What is read, without the object's managed fields; or why nothing is. */
    private static String outcome(KubernetesSerialization reader, String text) {
        WatchEvent event;
        try {
            event = reader.unmarshal(text, WatchEvent.class);
        } catch (RuntimeException e) {
            return e.getClass().toString();
        }
        if (event == null) {
            return "nothing";
        }
        if (event.getObject() instanceof HasMetadata object && object.getMetadata() != null) {
            object.getMetadata().setManagedFields(List.of());
        }
        return event.toString()
                + (event.getObject() == null ? "" : event.getObject().getClass());
    }

    @Example
    void whatServersWriteIsReadAtOnceAndTheSame() {
        String bookmark = object(
                "\"kind\": \"Node\"",
                "\"apiVersion\": \"v1\"",
                "\"metadata\": {\"resourceVersion\": \"9\"}",
                "\"spec\": {}");
        String sorted = object("\"apiVersion\": \"v1\"", "\"kind\": \"Pod\"", METADATA, SPEC);
        String gone =
                object("\"kind\": \"Status\"", "\"apiVersion\": \"v1\"", "\"code\": 410, \"reason\": \"Expired\"");
        for (String object : List.of(POD, MANAGED_POD, bookmark, sorted, gone)) {
            assertNotNull(SLIM.event(event(object)), object);
            assertEquals(outcome(USUAL, event(object)), outcome(SLIM, event(object)));
        }
        assertTrue(SLIM.unmarshal(event(bookmark), WatchEvent.class).getObject() instanceof Node);
        assertTrue(SLIM.unmarshal(event(gone), WatchEvent.class).getObject() instanceof Status);
    }

    @Example
    void whatIsWrittenOtherwiseIsLeftToTheLibrary() {
        String ofUsers = object("\"kind\": \"Thing\"", "\"apiVersion\": \"users/v1\"", METADATA);
        assertTrue(SLIM.unmarshal(event(ofUsers), WatchEvent.class).getObject() instanceof GenericKubernetesResource);
        for (String text : List.of(
                event(ofUsers),
                event(object(METADATA, "\"kind\": \"Pod\"", "\"apiVersion\": \"v1\"")),
                event(object("\"kind\": \"Pod\"", "\"apiVersion\": \"v1\"", METADATA, "\"kind\": \"Node\"")),
                event("[" + POD + "]"),
                event("null"),
                event("{}"),
                object("\"object\": " + POD, "\"type\": \"ADDED\""),
                object("\"type\": \"ADDED\"", "\"object\": " + POD, "\"more\": 1"),
                object("\"type\": null", "\"object\": " + POD),
                event(POD) + "}",
                "type: ADDED",
                "{}",
                "null",
                "")) {
            assertNull(SLIM.event(text), text);
            assertEquals(outcome(USUAL, text), outcome(SLIM, text), text);
        }
    }

    @Property(tries = 300)
    void damageHasTheSameConsequences(@ForAll int seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder(event(POD));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.setLength(at);
                case 1 -> text.deleteCharAt(at);
                default -> text.setCharAt(at, "{}[]\":,0nt é".charAt(random.nextInt(11)));
            }
            if (text.isEmpty()) {
                break;
            }
        }
        assertEquals(outcome(USUAL, text.toString()), outcome(SLIM, text.toString()), text::toString);
    }

    @Example
    void managedFieldsAreNotReadButSentByWhoSetsThem() {
        String list = object("\"kind\": \"PodList\"", "\"apiVersion\": \"v1\"", "\"items\": [" + MANAGED_POD + "]");
        Pod read = SLIM.unmarshal(list, PodList.class).getItems().getFirst();
        assertEquals("b", read.getMetadata().getName());
        assertEquals(3, read.getMetadata().getGeneration());
        assertEquals(List.of(), read.getMetadata().getManagedFields());
        Pod reset = new PodBuilder()
                .withNewMetadata()
                .withManagedFields(new ManagedFieldsEntry())
                .endMetadata()
                .build();
        assertTrue(SLIM.asJson(reset).contains("\"managedFields\":[{}]"), () -> SLIM.asJson(reset));
    }
}
