package io.keelson.apiserver.openapi;

import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.List;

/** The parameters that requests of the API have in common. */
final class Parameters {
    static final Parameter NAME = Parameter.path("name", "The name of the object.");
    static final Parameter NAMESPACE = Parameter.path("namespace", "The namespace of the object.");
    static final Parameter PRETTY =
            Parameter.text("pretty", "Whether the answer is indented; curl and browsers get it so.");
    static final Parameter REST = Parameter.path("path", "The path at what stands behind the object.");
    static final Parameter FORCE = Parameter.flag("force", "Take fields from others that own them; for apply only.");

    private static final Parameter DRY_RUN = Parameter.text("dryRun", "All: do everything but store the result.");

    static final List<Parameter> WRITE = List.of(
            DRY_RUN,
            Parameter.text("fieldManager", "The name under which what is written is owned."),
            Parameter.text(
                    "fieldValidation",
                    "What becomes of unknown and repeated fields: Ignore drops them, Warn drops them with a warning,"
                            + " Strict refuses the request."));

    static final List<Parameter> LIST = List.of(
            Parameter.flag("allowWatchBookmarks", "Whether a watch tells now and then how far it is."),
            Parameter.text("continue", "Where the page before ended, as it said itself."),
            Parameter.text("fieldSelector", "Which objects, by their fields; all if empty."),
            Parameter.text("labelSelector", "Which objects, by their labels; all if empty."),
            Parameter.number("limit", "How many objects a page has at most."),
            Parameter.text("resourceVersion", "How old the answer may be."),
            Parameter.text("resourceVersionMatch", "How resourceVersion is meant: Exact or NotOlderThan."),
            Parameter.flag("sendInitialEvents", "Whether a watch begins with the objects that there are."),
            Parameter.number("timeoutSeconds", "How long a list or watch may take."),
            Parameter.flag("watch", "Whether to watch for changes instead of listing."));

    static final List<Parameter> DELETE = List.of(
            DRY_RUN,
            Parameter.number("gracePeriodSeconds", "How long the object may take to end; 0 for none."),
            Parameter.flag("orphanDependents", "Superseded by propagationPolicy: whether dependents stay."),
            Parameter.text("propagationPolicy", "What becomes of dependents: Orphan, Background or Foreground."));

    private Parameters() {}

    /** The fields of a kind that stands for the parameters of a connection, {@code PodExecOptions} for example. */
    static List<Parameter> of(String options) {
        Schema schema = BuiltInSchemas.find("io.k8s.api.core.v1." + options);
        List<Parameter> parameters = new ArrayList<>();
        if (schema == null) {
            return parameters;
        }
        schema.properties().forEach((name, field) -> {
            String description = "The field " + name + " of " + options + ".";
            switch (field.type()) {
                case BOOLEAN -> parameters.add(Parameter.flag(name, description));
                case INTEGER, NUMBER -> parameters.add(Parameter.number(name, description));
                default -> {
                    if (!name.equals("kind") && !name.equals("apiVersion")) {
                        parameters.add(Parameter.text(name, description));
                    }
                }
            }
        });
        return parameters;
    }
}
