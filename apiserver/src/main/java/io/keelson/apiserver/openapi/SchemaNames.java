package io.keelson.apiserver.openapi;

import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The names of schemas among the components of a document. */
final class SchemaNames {
    private SchemaNames() {}

    /** Of a built-in kind: {@code io.k8s.api.apps.v1.Deployment}; empty if there is no such kind. */
    static String of(GroupVersionKind kind) {
        Schema schema = BuiltInSchemas.find(kind.group(), kind.version(), kind.kind());
        return schema == null ? "" : schema.name();
    }

    /** Of a custom kind: its group backwards, {@code com.example.v1.Widget}. */
    static String ofCustom(GroupVersionKind kind) {
        List<String> labels = new ArrayList<>(List.of(kind.group().split("\\.", -1)));
        Collections.reverse(labels);
        return String.join(".", labels) + "." + kind.version() + "." + kind.kind();
    }
}
