package io.keelson.apiserver.cel.rules;

import io.keelson.apiserver.schema.Schema;
import org.jspecify.annotations.Nullable;

/** The rules of a schema, compiled when they are first asked for. For any thread. */
public final class SchemaRules {
    private final Schema schema;
    private final RuleMetrics metrics;
    private volatile boolean compiled;
    private @Nullable ObjectRules rules;

    public SchemaRules(Schema schema, RuleMetrics metrics) {
        this.schema = schema;
        this.metrics = metrics;
    }

    /** Null if the schema has none. */
    public @Nullable ObjectRules get() {
        if (!compiled) {
            synchronized (this) {
                if (!compiled) {
                    long start = System.nanoTime();
                    rules = ObjectRules.of(schema);
                    if (rules != null) {
                        metrics.compiled(System.nanoTime() - start);
                    }
                    compiled = true;
                }
            }
        }
        return rules;
    }
}
