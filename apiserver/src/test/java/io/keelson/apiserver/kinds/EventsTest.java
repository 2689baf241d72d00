package io.keelson.apiserver.kinds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events in the form in which they are stored, written through one group or the other. */
class EventsTest {
    private static final Kind OLD = Kind.of("events");
    private static final Kind NEW = Kind.of("events.events.k8s.io");

    private static final String EVENT = """
            metadata: {name: e}
            involvedObject: {kind: Pod, namespace: default, name: web}
            eventTime: "2026-05-01T11:59:30.000000Z"
            reportingComponent: example.com/controller
            reportingInstance: controller-1
            action: Starting
            reason: Started
            type: Normal
            message: It runs.
            """;

    private static final String OLD_EVENT = """
            metadata: {name: e}
            involvedObject: {kind: Pod, namespace: default, name: web}
            firstTimestamp: "2026-05-01T11:59:30Z"
            lastTimestamp: "2026-05-01T11:59:30Z"
            count: 1
            source: {component: kubelet}
            reason: Started
            message: It runs.
            """;

    @Test
    void areFineAsTheirGroupWantsThem() {
        assertEquals(List.of(), NEW.errorsOf(EVENT));
        assertEquals(List.of(), OLD.errorsOf(EVENT));
        assertEquals(List.of(), OLD.errorsOf(OLD_EVENT));
        assertEquals(
                List.of(),
                NEW.errorsOf(EVENT + "series: {count: 2, lastObservedTime: \"2026-05-01T11:59:30.000000Z\"}"));
    }

    @Test
    void ofTheNewGroupHaveNothingOld() {
        assertEquals(
                List.of(
                        "eventTime: Required value",
                        "type: Invalid value: \"\": has invalid value: ",
                        "firstTimestamp: Invalid value: \"\": needs to be unset",
                        "lastTimestamp: Invalid value: \"\": needs to be unset",
                        "count: Invalid value: \"\": needs to be unset",
                        "source: Invalid value: \"\": needs to be unset"),
                NEW.errorsOf(OLD_EVENT));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "type: Normal | type: Error | type: Invalid value: \"\": has invalid value: Error",
                "type: Normal | {type: Normal, series: {count: 1, lastObservedTime: '2026-05-01T11:59:30.000000Z'}} | series.count: Invalid value: \"\": should be at least 2",
                "type: Normal | {type: Normal, series: {count: 2}} | series.lastObservedTime: Required value",
                "reportingComponent: example.com/controller | reportingComponent: '' | reportingController: Required value",
                "reportingInstance: controller-1 | reportingInstance: '' | reportingInstance: Required value",
                "action: Starting | action: '' | action: Required value",
                "reason: Started | reason: '' | reason: Required value",
            })
    void sayAllThatIsNew(String from, String to, String error) {
        String fields = to.startsWith("{") ? to.substring(1, to.length() - 1).replace(", series", "\nseries") : to;
        List<String> errors = NEW.errorsOf(EVENT.replace(from, fields));
        assertEquals(error, errors.getFirst(), errors::toString);
    }

    @Test
    void areShort() {
        for (String field : List.of("reportingInstance: controller-1", "action: Starting", "reason: Started")) {
            String name = field.substring(0, field.indexOf(':'));
            String long129 = EVENT.replace(field, name + ": " + "x".repeat(129));
            String error = name + ": Invalid value: \"\": can have at most 128 characters";
            assertEquals(List.of(error), NEW.errorsOf(long129));
            assertEquals(List.of(error), OLD.errorsOf(long129));
        }
        assertEquals(
                List.of("message: Invalid value: \"\": can have at most 1024 characters"),
                NEW.errorsOf(EVENT.replace("It runs.", "x".repeat(1_025))));
    }

    @Test
    void theOneWhoReportsIsCalledAsTheGroupCallsIt() {
        String nobody = EVENT.replace("example.com/controller", "''");
        assertEquals("reportingController: Required value", NEW.errorsOf(nobody).getFirst());
        assertEquals("reportingComponent: Required value", OLD.errorsOf(nobody).getFirst());
    }

    @Test
    void onlyTheirSeriesChanges() {
        String series = "series: {count: 2, lastObservedTime: \"2026-05-01T11:59:30.000000Z\"}";
        assertEquals(List.of(), NEW.errorsOfChange(EVENT, EVENT + series));
        assertEquals(
                List.of("series.count: Invalid value: \"\": should be at least 2"),
                NEW.errorsOfChange(EVENT, EVENT + series.replace("count: 2", "count: 1")));
        assertEquals(
                List.of("message: Invalid value: \"It ran.\": field is immutable"),
                NEW.errorsOfChange(EVENT, EVENT.replace("It runs.", "It ran.")));
        assertEquals(
                List.of("reportingController: Invalid value: \"example.com/other\": field is immutable"),
                NEW.errorsOfChange(EVENT, EVENT.replace("com/controller", "com/other")));
        assertEquals(List.of(), NEW.errorsOfChange(OLD_EVENT, OLD_EVENT), "one that came by the old group stays");
    }

    @Test
    void ofTheCoreGroupChangeAsTheyLike() {
        assertEquals(List.of(), OLD.errorsOfChange(OLD_EVENT, OLD_EVENT.replace("count: 1", "count: 2")));
    }

    @Test
    void areFoundByTheFieldsOfTheirGroup() {
        ObjectNode event = NEW.created(EVENT);
        assertEquals(
                Set.of(
                        "regarding.kind",
                        "regarding.namespace",
                        "regarding.name",
                        "regarding.uid",
                        "regarding.apiVersion",
                        "regarding.resourceVersion",
                        "regarding.fieldPath",
                        "reason",
                        "reportingController",
                        "type"),
                NEW.resource().strategy().selectableFields(event).keySet());
        assertEquals("web", NEW.resource().strategy().selectableFields(event).get("regarding.name"));
        assertEquals(
                "example.com/controller",
                NEW.resource().strategy().selectableFields(event).get("reportingController"));
        assertEquals("web", OLD.resource().strategy().selectableFields(event).get("involvedObject.name"));
        assertEquals(
                "example.com/controller",
                OLD.resource().strategy().selectableFields(event).get("source"));
    }
}
