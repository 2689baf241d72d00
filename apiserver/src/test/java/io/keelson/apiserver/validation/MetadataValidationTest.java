package io.keelson.apiserver.validation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetadataValidationTest {
    private static ObjectNode object(String metadata) {
        return Yaml.parseObject(("metadata: " + metadata).getBytes(StandardCharsets.UTF_8), new ArrayList<>());
    }

    private static List<String> errors(String metadata, boolean namespaced) {
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validate(object(metadata), namespaced, Names::dnsSubdomain, errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    private static List<String> errorsOfChange(String before, String after) {
        FieldErrors errors = new FieldErrors();
        MetadataValidation.validateUpdate(object(after), object(before), errors);
        return errors.list().stream().map(FieldError::toString).toList();
    }

    @Test
    void aNameAndANamespaceAreEnough() {
        assertEquals(List.of(), errors("{name: web, namespace: default}", true));
        assertEquals(List.of(), errors("{name: web}", false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{namespace: default} | metadata.name: Required value: name or generateName is required",
                "{name: web} | metadata.namespace: Required value",
                "{name: a, namespace: d, labels: {'a/b/c': d}} | metadata.labels: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                "{name: a, namespace: d, labels: {a: '-'}} | metadata.labels[a]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
                "{name: a, namespace: d, finalizers: [mine]} | metadata.finalizers[0]: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified",
                "{name: a, namespace: d, ownerReferences: [{apiVersion: v1, kind: Pod, name: b}]} | metadata.ownerReferences[0].uid: Invalid value: \"\": uid must not be empty",
                "{name: a, namespace: d, generation: -1} | metadata.generation: Invalid value: -1: must be greater than or equal to 0",
                "{name: a, namespace: d, managedFields: [{operation: Change}]} | metadata.managedFields[0].operation: Invalid value: \"Change\": must be `Apply` or `Update`",
            })
    void saysWhatIsWrong(String metadata, String error) {
        List<String> errors = errors(metadata, true);
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @Test
    void aKindOfTheClusterHasNoNamespace() {
        assertEquals(
                List.of("metadata.namespace: Forbidden: not allowed on this type"),
                errors("{name: a, namespace: d}", false));
    }

    @Test
    void annotationsAreNotMoreThan256Kibibytes() {
        String big = "x".repeat(256 * 1_024);
        assertEquals(
                List.of("metadata.annotations: Too long: may not be more than 262144 bytes"),
                errors("{name: a, namespace: d, annotations: {a: " + big + "}}", true));
        assertEquals(List.of(), errors("{name: a, namespace: d, annotations: {a: " + big.substring(1) + "}}", true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: b, resourceVersion: '1'} | metadata.name: Invalid value: \"b\": field is immutable",
                "{name: a} | metadata.resourceVersion: Invalid value: \"\": must be specified for an update",
                "{name: a, resourceVersion: '1', uid: z} | metadata.uid: Invalid value: \"z\": field is immutable",
                "{name: a, resourceVersion: '1', generation: 1} | metadata.generation: Invalid value: 1: must not be decremented",
            })
    void saysWhatMayNotChange(String after, String error) {
        List<String> errors = errorsOfChange("{name: a, generation: 2, resourceVersion: '1'}", after);
        assertTrue(errors.contains(error), () -> String.join("\n", errors));
    }

    @Test
    void whatIsBeingDeletedGetsNoFinalizers() {
        String before =
                "{name: a, resourceVersion: '1', deletionTimestamp: '2026-05-01T12:00:00Z', finalizers: [a.b/c]}";
        assertEquals(List.of(), errorsOfChange(before, before.replace("[a.b/c]", "[]")));
        assertEquals(
                List.of(
                        "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
                                + "found new finalizers []string{\"d.e/f\"}"),
                errorsOfChange(before, before.replace("[a.b/c]", "[a.b/c, d.e/f]")));
    }
}
