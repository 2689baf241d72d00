package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A custom kind with rules in CEL, through the real kubectl. */
final class KubectlRulesTest {
    private static final String DEFINITION = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: boats.rules.example}
            spec:
              group: rules.example
              scope: Namespaced
              names: {kind: Boat, plural: boats, singular: boat}
              versions:
                - name: v1
                  served: true
                  storage: true
                  subresources: {status: {}}
                  schema:
                    openAPIV3Schema:
                      type: object
                      x-kubernetes-validations:
                        - {rule: "self.metadata.name.size() < 10"}
                      properties:
                        spec:
                          type: object
                          x-kubernetes-validations:
                            - {rule: "self.oars % 2 == 0", message: "oars come in pairs"}
                            - {rule: "self.colour == oldSelf.colour", reason: FieldValueForbidden, fieldPath: ".colour"}
                          properties:
                            oars: {type: integer, minimum: 2}
                            colour: {type: string, default: white}
                        status:
                          type: object
                          properties:
                            oars:
                              type: integer
                              x-kubernetes-validations: [{rule: "self >= oldSelf"}]
            """;

    private static String boat(String name, String spec) {
        return "apiVersion: rules.example/v1\nkind: Boat\nmetadata: {name: " + name + "}\nspec: " + spec + "\n";
    }

    @Test
    void rulesHold(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        try (ApiServer server = ApiServer.start(ApiServerConfig.ephemeral())) {
            Kubectl kubectl = new Kubectl(server, folder);
            assertEquals(
                    "The CustomResourceDefinition \"boats.rules.example\" is invalid: spec.validation.openAPIV3Schema."
                                    .replace("validation", "versions[0].schema")
                            + "properties[spec].x-kubernetes-validations[0].rule: Invalid value: \"self.oar % 2 == 0\":"
                            + " compilation failed: ERROR: <input>:1:5: undefined field 'oar'\n | self.oar % 2 == 0\n"
                            + " | ....^",
                    kubectl.fail(DEFINITION.replace("self.oars %", "self.oar %"), "create", "-f", "-"));
            kubectl.with(DEFINITION, "create", "-f", "-");
            kubectl.run("wait", "--for=condition=Established", "crd/boats.rules.example");
            kubectl.with(boat("gig", "{oars: 6}"), "create", "-f", "-");
            assertEquals(
                    "The Boat \"odd\" is invalid: spec: Invalid value: \"object\": oars come in pairs",
                    kubectl.fail(boat("odd", "{oars: 5}"), "create", "-f", "-"));
            assertEquals(
                    "The Boat \"longestofall\" is invalid: <nil>: Invalid value: \"object\": failed rule:"
                            + " self.metadata.name.size() < 10",
                    kubectl.fail(boat("longestofall", "{oars: 4}"), "create", "-f", "-"));
            assertEquals(
                    "The Boat \"gig\" is invalid: spec.colour: Forbidden: failed rule: self.colour == oldSelf.colour",
                    kubectl.fail(boat("gig", "{oars: 6, colour: red}"), "apply", "-f", "-")
                            .lines()
                            .reduce((one, other) -> other)
                            .orElse(""));
            String invalid = kubectl.fail(boat("bad", "{oars: several}"), "create", "-f", "-");
            assertTrue(
                    invalid.contains(
                            "<nil>: Invalid value: \"null\": some validation rules were not checked because the"
                                    + " object was invalid; correct the existing errors to complete validation"),
                    invalid);
            kubectl.run(
                    "patch", "boat", "gig", "--subresource=status", "--type=merge", "-p", "{\"status\":{\"oars\":4}}");
            assertEquals(
                    "The Boat \"gig\" is invalid: status.oars: Invalid value: \"integer\": failed rule: self >= oldSelf",
                    kubectl.fail(
                            "",
                            "patch",
                            "boat",
                            "gig",
                            "--subresource=status",
                            "--type=merge",
                            "-p",
                            "{\"status\":{\"oars\":3}}"));
            // Those that were there before a rule are let pass until their owners see to them.
            kubectl.with(DEFINITION.replace("oars % 2 == 0", "oars % 4 == 0"), "apply", "-f", "-");
            Deadline.await(() -> kubectl.run("label", "boat", "gig", "fast=yes")
                    .startsWith(
                            "Warning: spec: Invalid value: \"object\": oars come in pairs\nboat.rules.example/gig "));
            assertTrue(
                    kubectl.fail(boat("new", "{oars: 6}"), "create", "-f", "-").contains("is invalid"));
        }
    }
}
