package io.keelson.apiserver.cel.rules;

import io.keelson.apiserver.schema.Schema;
import org.jspecify.annotations.Nullable;

/** The rules of a schema, compiled when they are first asked for. For any thread. */
public final class SchemaRules {
    private final Schema schema;
    private volatile boolean compiled;
    private @Nullable ObjectRules rules;

    public SchemaRules(Schema schema) {
        this.schema = schema;
    }

    /** Null if the schema has none. */
    public @Nullable ObjectRules get() {
        if (!compiled) {
            synchronized (this) {
                if (!compiled) {
                    rules = ObjectRules.of(schema);
                    compiled = true;
                }
            }
        }
        return rules;
    }
}
