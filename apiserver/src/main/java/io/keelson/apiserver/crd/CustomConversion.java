package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Conversion;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.Schema;
import java.util.Map;

/**
 * Converts between the versions of a custom kind, in whatever way its definition says; what the other version does not
 * declare is gone afterwards.
 */
record CustomConversion(Conversion way, Map<String, Schema> schemas) implements Conversion {
    @Override
    public ObjectNode convert(ObjectNode object, String from, String to) {
        if (from.equals(to)) {
            return object;
        }
        ObjectNode converted = way.convert(object, from, to);
        Schema schema = schemas.get(to);
        if (schema != null) {
            Pruning.prune(converted, schema);
        }
        return converted;
    }
}
