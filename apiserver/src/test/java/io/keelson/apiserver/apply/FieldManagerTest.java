package io.keelson.apiserver.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Stories of managers, each told by what stands in the object in the end. */
class FieldManagerTest {
    private static final GroupVersionKind DEPLOYMENT = new GroupVersionKind("apps", "v1", "Deployment");
    private static final GroupVersionKind SERVICE = new GroupVersionKind("", "v1", "Service");
    private static final GroupVersionKind CONFIG_MAP = new GroupVersionKind("", "v1", "ConfigMap");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private FieldManager manager(GroupVersionKind kind) {
        return manager(kind, "", Map.of());
    }

    private FieldManager manager(GroupVersionKind kind, String subresource, Map<String, FieldFilter> filters) {
        return new FieldManager(new OneVersion(kind), kind, subresource, filters, false, () -> now);
    }

    /** The one version of a built-in kind. */
    private record OneVersion(GroupVersionKind kind) implements Versions {
        @Override
        public @Nullable Schema schema(String apiVersion) {
            return apiVersion.equals(kind.groupVersion().toString())
                    ? BuiltInSchemas.find(kind.group(), kind.version(), kind.kind())
                    : null;
        }

        @Override
        public ObjectNode convert(ObjectNode object, String apiVersion) {
            return object.deepCopy();
        }
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) Json.parse(text.replace('\'', '"'));
    }

    private static ObjectNode deployment(String spec) {
        return json("{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','namespace':'default'},"
                + "'spec':" + spec + "}");
    }

    private static ObjectNode service(String ports) {
        return json("{'apiVersion':'v1','kind':'Service','metadata':{'name':'web','namespace':'default'},"
                + "'spec':{'ports':" + ports + "}}");
    }

    private static ObjectNode configMap(String data) {
        return json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'c','namespace':'default'},'data':" + data
                + "}");
    }

    private static String fields(ObjectNode object, String manager) {
        ArrayNode list = ObjectMeta.managedFields(object);
        if (list != null) {
            for (JsonNode entry : list) {
                if (entry.path("manager").asText().equals(manager)) {
                    return FieldsV1.read(entry.path("fieldsV1")).toString();
                }
            }
        }
        return "";
    }

    private static List<String> managers(ObjectNode object) {
        ArrayNode list = ObjectMeta.managedFields(object);
        return list == null ? List.of() : list.findValuesAsText("manager");
    }

    private static String shown(JsonNode node) {
        return Json.text(node).replace('"', '\'');
    }

    /** What kubectl create leaves behind, as any cluster shows it: structures that always exist belong to nobody. */
    @Test
    void createsOwnWhatTheySetAndNoStructures() {
        ObjectNode created = manager(DEPLOYMENT)
                .update(
                        null,
                        json(
                                "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web','labels':{'app':'web'}},"
                                        + "'spec':{'replicas':1,'selector':{'matchLabels':{'app':'web'}},'strategy':{'type':'RollingUpdate',"
                                        + "'rollingUpdate':{'maxSurge':'25%'}},'template':{'metadata':{'labels':{'app':'web'}},"
                                        + "'spec':{'containers':[{'name':'nginx','image':'nginx','resources':{},'ports':"
                                        + "[{'containerPort':80,'protocol':'TCP'}]}],'restartPolicy':'Always'}}},'status':{}}"),
                        "kubectl-create");
        assertEquals(
                "{'f:metadata':{'f:labels':{'.':{},'f:app':{}}},'f:spec':{'f:replicas':{},'f:selector':{},"
                        + "'f:strategy':{'f:rollingUpdate':{'.':{},'f:maxSurge':{}},'f:type':{}},'f:template':{"
                        + "'f:metadata':{'f:labels':{'.':{},'f:app':{}}},'f:spec':{'f:containers':{'k:{\\'name\\':\\'nginx\\'}':{"
                        + "'.':{},'f:image':{},'f:name':{},'f:ports':{'.':{},'k:{\\'containerPort\\':80,\\'protocol\\':\\'TCP\\'}':{"
                        + "'.':{},'f:containerPort':{},'f:protocol':{}}},'f:resources':{}}},'f:restartPolicy':{}}}}}",
                shown(created.at("/metadata/managedFields/0/fieldsV1")));
        assertEquals("Update", created.at("/metadata/managedFields/0/operation").asText());
        assertEquals(
                "2026-01-01T00:00:00Z",
                created.at("/metadata/managedFields/0/time").asText());
    }

    @Test
    void appliedFieldsConflictWithThoseOfOthers() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.update(null, deployment("{'replicas':1,'paused':true}"), "kubectl-client-side-apply");
        ApiException conflict =
                assertThrows(ApiException.class, () -> manager.apply(live, deployment("{'replicas':3}"), "me", false));
        assertEquals(
                "Apply failed with 1 conflict: conflict with \"kubectl-client-side-apply\" using apps/v1: .spec.replicas",
                conflict.message());
        assertEquals(Reason.CONFLICT, conflict.reason());
        assertEquals(
                List.of(new StatusCause(
                        "FieldManagerConflict",
                        "conflict with \"kubectl-client-side-apply\" using apps/v1",
                        ".spec.replicas")),
                conflict.details().causes());

        ObjectNode forced = manager.apply(live, deployment("{'replicas':3}"), "me", true);
        assertEquals("{'replicas':3,'paused':true}", shown(forced.path("spec")));
        assertEquals(".spec.replicas", fields(forced, "me"));
        assertEquals(".spec.paused", fields(forced, "kubectl-client-side-apply"));
    }

    @Test
    void severalConflictsAreToldByManager() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1,'paused':true}"), "b", false);
        ObjectNode both = manager.update(live, with(live, "{'replicas':1,'paused':true,'minReadySeconds':5}"), "a");
        ApiException conflict = assertThrows(
                ApiException.class,
                () -> manager.apply(both, deployment("{'replicas':2,'paused':false,'minReadySeconds':6}"), "c", false));
        assertEquals(
                "Apply failed with 3 conflicts: conflicts with \"a\" using apps/v1:\n- .spec.minReadySeconds\n"
                        + "conflicts with \"b\":\n- .spec.paused\n- .spec.replicas",
                conflict.message());
    }

    private static ObjectNode with(ObjectNode object, String spec) {
        ObjectNode copy = object.deepCopy();
        copy.set("spec", json(spec));
        return copy;
    }

    @Test
    void theSameValueIsNoConflictAndShared() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1}"), "a", false);
        ObjectNode shared = manager.apply(live, deployment("{'replicas':1}"), "b", false);
        assertEquals(".spec.replicas", fields(shared, "a"));
        assertEquals(".spec.replicas", fields(shared, "b"));

        ObjectNode givenUp = manager.apply(shared, deployment("{'paused':true}"), "a", false);
        assertEquals("{'replicas':1,'paused':true}", shown(givenUp.path("spec")));
        ObjectNode gone = manager.apply(givenUp, deployment("{'minReadySeconds':1}"), "b", false);
        assertEquals("{'paused':true,'minReadySeconds':1}", shown(gone.path("spec")));
    }

    @Test
    void whatIsAppliedNoLongerIsRemoved() {
        FieldManager manager = manager(CONFIG_MAP);
        ObjectNode live = manager.apply(null, configMap("{'a':'1','b':'2'}"), "me", false);
        ObjectNode updated = live.deepCopy();
        ((ObjectNode) updated.path("data")).put("c", "3");
        updated = manager.update(live, updated, "other");
        ObjectNode applied = manager.apply(updated, configMap("{'a':'1'}"), "me", false);
        assertEquals("{'a':'1','c':'3'}", shown(applied.path("data")));
        assertEquals(".data.a", fields(applied, "me"));
        assertEquals(".data.c", fields(applied, "other"));
    }

    @Test
    void removedFieldsBelongToNobody() {
        FieldManager manager = manager(CONFIG_MAP);
        ObjectNode live = manager.apply(null, configMap("{'a':'1','b':'2'}"), "me", false);
        ObjectNode without = live.deepCopy();
        ((ObjectNode) without.path("data")).remove("b");
        ObjectNode updated = manager.update(live, without, "other");
        assertEquals(".data.a", fields(updated, "me"));
        assertEquals(List.of("me"), managers(updated));
    }

    @Test
    void portsOfServicesAreKnownByTheirDefaultProtocolToo() {
        FieldManager manager = manager(SERVICE);
        ObjectNode live = manager.apply(null, service("[{'port':80,'name':'a'}]"), "me", false);
        assertEquals(
                ".spec.ports[port=80,protocol=\"TCP\"]\n.spec.ports[port=80,protocol=\"TCP\"].name\n"
                        + ".spec.ports[port=80,protocol=\"TCP\"].port",
                fields(live, "me"));
        ObjectNode defaulted = live.deepCopy();
        ((ObjectNode) defaulted.at("/spec/ports/0")).put("protocol", "TCP");
        ObjectNode again =
                manager.apply(defaulted, service("[{'port':80,'name':'b'},{'port':80,'protocol':'UDP'}]"), "me", false);
        assertEquals(
                "[{'port':80,'name':'b','protocol':'TCP'},{'port':80,'protocol':'UDP'}]",
                shown(again.at("/spec/ports")));
    }

    @Test
    void elementsAreRemovedWithAllThatIsInThem() {
        FieldManager manager = manager(SERVICE);
        ObjectNode live = manager.apply(null, service("[{'port':80},{'port':81}]"), "me", false);
        ObjectNode named = live.deepCopy();
        ((ObjectNode) named.at("/spec/ports/1")).put("name", "x");
        named = manager.update(live, named, "other");
        assertEquals(".spec.ports[port=81,protocol=\"TCP\"].name", fields(named, "other"));
        ObjectNode applied = manager.apply(named, service("[{'port':80}]"), "me", false);
        assertEquals("[{'port':80}]", shown(applied.at("/spec/ports")));
        assertEquals(List.of("me"), managers(applied));
    }

    @Test
    void duplicatesThatAreAppliedAreRefused() {
        ApiException failure = assertThrows(
                ApiException.class,
                () -> manager(SERVICE).apply(null, service("[{'port':80},{'port':80,'protocol':'TCP'}]"), "me", false));
        assertEquals(
                "failed to create typed patch object (default/web; /v1, Kind=Service): .spec.ports: duplicate entries for"
                        + " key [port=80,protocol=\"TCP\"]",
                failure.message());
        assertEquals(500, failure.code());
    }

    @Test
    void duplicatesThatAreThereAreLeftAloneUntilTheyAreApplied() {
        FieldManager manager = manager(SERVICE);
        ObjectNode live =
                manager.update(null, service("[{'port':80,'name':'a'},{'port':80,'name':'b'},{'port':81}]"), "other");
        assertTrue(fields(live, "other").startsWith(".spec.ports\n.spec.ports[port=80,protocol=\"TCP\"]\n"));
        assertFalse(fields(live, "other").contains("[port=80,protocol=\"TCP\"].name"));
        ObjectNode beside = manager.apply(live, service("[{'port':82}]"), "me", false);
        assertEquals(4, beside.at("/spec/ports").size());
        assertThrows(ApiException.class, () -> manager.apply(live, service("[{'port':80}]"), "me", false));
        ObjectNode forced = manager.apply(live, service("[{'port':80,'name':'c'}]"), "me", true);
        assertEquals("[{'port':80,'name':'c'},{'port':81}]", shown(forced.at("/spec/ports")));
    }

    @Test
    void whatDoesNotFitIsToldWithItsPath() {
        FieldManager manager = manager(DEPLOYMENT);
        Map.of(
                        "{'x':1}", ".spec.x: field not declared in schema",
                        "{'replicas':'1'}",
                                ".spec.replicas: expected numeric (int or float), got *value.valueUnstructured",
                        "{'paused':1}", ".spec.paused: expected boolean, got &{1}",
                        "{'template':{'spec':{'nodeName':8080}}}",
                                ".spec.template.spec.nodeName: expected string, got &value.valueUnstructured{Value:8080}",
                        "{'template':[]}", ".spec.template: expected map, got &{[]}",
                        "{'template':{'spec':{'containers':{'a':1}}}}",
                                ".spec.template.spec.containers: expected list, got &{map[a:1]}",
                        "{'template':{'spec':{'topologySpreadConstraints':[{'maxSkew':1,'whenUnsatisfiable':null}, 1]}}}",
                                ".spec.template.spec.topologySpreadConstraints: element 1: associative list with keys may not"
                                        + " have non-map elements")
                .forEach((spec, message) -> assertEquals(
                        "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): " + message,
                        assertThrows(ApiException.class, () -> manager.apply(null, deployment(spec), "me", false))
                                .message()));
    }

    @Test
    void configurationsOfOtherKindsAreRefused() {
        FieldManager manager = manager(DEPLOYMENT);
        assertEquals(
                "invalid object type: /v1, Kind=ConfigMap",
                assertThrows(ApiException.class, () -> manager.apply(null, configMap("{}"), "me", false))
                        .message());
        assertEquals(
                "invalid object type: /, Kind=",
                assertThrows(ApiException.class, () -> manager.apply(null, Json.object(), "me", false))
                        .message());
        ObjectNode managed = deployment("{}");
        ObjectMeta.metadata(managed).putArray("managedFields");
        ApiException failure = assertThrows(ApiException.class, () -> manager.apply(null, managed, "me", false));
        assertEquals("metadata.managedFields must be nil", failure.message());
        assertEquals(400, failure.code());
    }

    @Test
    void brokenManagedFieldsStopApplyingButNotUpdating() {
        ObjectNode live = deployment("{'replicas':1}");
        ObjectMeta.metadata(live).putArray("managedFields").addObject().put("operation", "x");
        assertEquals(
                "failed to decode managed fields: operation must be `Apply` or `Update`",
                assertThrows(ApiException.class, () -> manager(DEPLOYMENT).apply(live, deployment("{}"), "me", false))
                        .message());
        assertEquals(List.of(), managers(manager(DEPLOYMENT).update(live, deployment("{'replicas':2}"), "me")));
    }

    @Test
    void objectsOlderThanTrackingGetAManagerAtTheFirstApply() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = deployment("{'replicas':1,'paused':true}");
        assertEquals(List.of(), managers(manager.update(live, deployment("{'replicas':2}"), "other")));
        ObjectNode applied = manager.apply(live, deployment("{'replicas':1}"), "me", false);
        assertEquals(List.of("me", "before-first-apply"), managers(applied));
        assertEquals(".spec.paused\n.spec.replicas", fields(applied, "before-first-apply"));
        ApiException conflict =
                assertThrows(ApiException.class, () -> manager.apply(live, deployment("{'replicas':2}"), "me", false));
        assertEquals(
                "Apply failed with 1 conflict: conflict with \"before-first-apply\" using apps/v1: .spec.replicas",
                conflict.message());
    }

    @Test
    void anEmptyListResetsTheManagers() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1}"), "me", false);
        for (String reset : List.of("[]", "[{}]")) {
            ObjectNode changed = live.deepCopy();
            ObjectMeta.metadata(changed).set("managedFields", Json.parse(reset));
            assertEquals(List.of(), managers(manager.update(live, changed, "other")));
        }
        ObjectNode forgetful = live.deepCopy();
        ObjectMeta.metadata(forgetful).remove("managedFields");
        assertEquals(List.of("me"), managers(manager.update(live, forgetful, "other")));
        ObjectNode throughStatus = live.deepCopy();
        ObjectMeta.metadata(throughStatus).set("managedFields", Json.parse("[]"));
        assertEquals(
                List.of("me"), managers(manager(DEPLOYMENT, "status", Map.of()).update(live, throughStatus, "other")));
    }

    @Test
    void timesChangeOnlyWithTheObject() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1}"), "me", false);
        live = manager.update(live, with(live, "{'replicas':1,'paused':true}"), "other");
        now = now.plusSeconds(60);
        assertEquals(ObjectMeta.managedFields(live), ObjectMeta.managedFields(manager.update(live, live, "other")));
        ObjectNode again = manager.apply(live, deployment("{'replicas':1}"), "me", false);
        assertEquals(live, again);
        ObjectNode changed = manager.apply(live, deployment("{'replicas':2}"), "me", false);
        assertEquals(
                "2026-01-01T00:01:00Z",
                changed.at("/metadata/managedFields/0/time").asText());
        assertEquals(
                "2026-01-01T00:00:00Z",
                changed.at("/metadata/managedFields/1/time").asText());
    }

    @Test
    void theOldestOfTooManyUpdatersAreMerged() {
        FieldManager manager = manager(CONFIG_MAP);
        ObjectNode live = manager.apply(null, configMap("{'a':'1'}"), "applier", false);
        for (int i = 0; i < 15; i++) {
            now = now.plusSeconds(1);
            ObjectNode changed = live.deepCopy();
            ((ObjectNode) changed.path("data")).put("k" + i, "v");
            live = manager.update(live, changed, "u" + i);
        }
        assertEquals(11, managers(live).size());
        assertEquals(".data.k0\n.data.k1\n.data.k2\n.data.k3\n.data.k4\n.data.k5", fields(live, "ancient-changes"));
        assertEquals(".data.k14", fields(live, "u14"));
    }

    @Test
    void resetFieldsBelongToNobody() {
        Map<String, FieldFilter> noStatus = Map.of("apps/v1", FieldFilter.without(FieldSet.of("status")));
        FieldManager main = manager(DEPLOYMENT, "", noStatus);
        ObjectNode object = deployment("{'replicas':1}");
        object.putObject("status").put("replicas", 3);
        ObjectNode created = main.update(null, object, "a");
        assertEquals(".spec.replicas", fields(created, "a"));
        assertEquals(".spec.replicas", fields(main.apply(null, object, "b", false), "b"));

        FieldManager status =
                manager(DEPLOYMENT, "status", Map.of("apps/v1", FieldFilter.without(FieldSet.of("spec"))));
        ObjectNode changed = created.deepCopy();
        ((ObjectNode) changed.path("status")).put("replicas", 4);
        ((ObjectNode) changed.path("spec")).put("replicas", 4);
        ObjectNode updated = status.update(created, changed, "c");
        assertEquals(".status.replicas", fields(updated, "c"));
        assertEquals(".spec.replicas", fields(updated, "a"));
        assertEquals(
                "status", updated.at("/metadata/managedFields/1/subresource").asText());
    }

    @Test
    void filtersCanLeaveNothingButSomePaths() {
        FieldFilter resources = FieldFilter.onlyBelow(List.of(List.of("spec", "template", "*", "containers")));
        FieldSet set = FieldSet.of("spec", "template", "spec", "containers", "x")
                .union(FieldSet.of("spec", "template", "spec", "volumes"))
                .union(FieldSet.of("status"));
        assertEquals(FieldSet.of("spec", "template", "spec", "containers", "x"), resources.apply(set));
    }

    /** Who changes from kubectl apply to kubectl apply --server-side meets no conflicts with himself. */
    @Test
    void kubectlTakesOverWhatItAppliedOnTheClientsSide() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode first = deployment("{'replicas':1,'paused':true}");
        ObjectNode annotated = first.deepCopy();
        ObjectMeta.setAnnotation(annotated, LastApplied.ANNOTATION, Json.text(first));
        ObjectNode live = manager.update(null, annotated, "kubectl-client-side-apply");
        ObjectNode next = deployment("{'replicas':2,'paused':true}");

        ObjectNode applied = manager.apply(live, next, "kubectl", false);
        assertEquals("{'replicas':2,'paused':true}", shown(applied.path("spec")));
        assertEquals(
                Json.text(Json.parse(ValueOrder.canonical(next))) + "\n",
                ObjectMeta.annotation(applied, LastApplied.ANNOTATION));
        assertThrows(ApiException.class, () -> manager.apply(live, next, "somebody", false));

        ObjectNode scaled = live.deepCopy();
        ((ObjectNode) scaled.path("spec")).put("replicas", 5);
        ObjectNode byOther = manager.update(live, scaled, "hpa");
        ApiException conflict = assertThrows(
                ApiException.class,
                () -> manager.apply(byOther, deployment("{'replicas':2,'paused':false}"), "kubectl", false));
        assertEquals(
                "Apply failed with 1 conflict: conflict with \"hpa\" using apps/v1: .spec.replicas",
                conflict.message());
    }

    @Test
    void nullsInConfigurationsAreOwnedAndLeftOut() {
        ObjectNode applied =
                manager(DEPLOYMENT).apply(null, deployment("{'replicas':null,'paused':true}"), "me", false);
        assertEquals("{'paused':true}", shown(applied.path("spec")));
        assertEquals(".spec.paused\n.spec.replicas", fields(applied, "me"));
    }

    @Test
    void atomicListsAndMapsAreOneValue() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(
                null,
                deployment(
                        "{'selector':{'matchLabels':{'a':'1'}},'template':{'spec':{'containers':[{'name':'c','args':['1']}]}}}"),
                "me",
                false);
        assertEquals(
                ".spec.selector\n.spec.template.spec.containers[name=\"c\"]\n"
                        + ".spec.template.spec.containers[name=\"c\"].args\n.spec.template.spec.containers[name=\"c\"].name",
                fields(live, "me"));
        ObjectNode forced = manager.apply(live, deployment("{'selector':{'matchLabels':{'b':'2'}}}"), "other", true);
        assertEquals("{'matchLabels':{'b':'2'}}", shown(forced.at("/spec/selector")));
        assertFalse(fields(forced, "me").contains(".spec.selector"));
    }

    @Test
    void configurationsAndLiveObjectsStayAsTheyAre() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1,'paused':true}"), "me", false);
        ObjectNode liveBefore = live.deepCopy();
        ObjectNode config = deployment("{'replicas':2,'strategy':{'type':'Recreate'}}");
        ObjectNode configBefore = config.deepCopy();
        ObjectNode result = manager.apply(live, config, "me", false);
        ((ObjectNode) result.at("/spec/strategy")).put("type", "x");
        assertEquals(liveBefore, live);
        assertEquals(configBefore, config);
    }

    @Test
    void managersOfVersionsThatAreGoneAreForgotten() {
        FieldManager manager = manager(DEPLOYMENT);
        ObjectNode live = manager.apply(null, deployment("{'replicas':1}"), "me", false);
        ((ObjectNode) live.at("/metadata/managedFields/0")).put("apiVersion", "apps/v1beta1");
        ObjectNode applied = manager.apply(live, deployment("{'replicas':2}"), "other", false);
        assertEquals(List.of("other"), managers(applied));
        assertNull(ManagedFields.decode(applied.at("/metadata/managedFields")).get(Manager.applier("me", "")));
    }
}
