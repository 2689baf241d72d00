package io.keelson.apiserver.openapi;

import java.util.List;

/**
 * A path, and what can be done there.
 *
 * @param path with placeholders, {@code /api/v1/namespaces/{namespace}/pods}
 * @param parameters that all operations have
 */
record PathItem(String path, List<Parameter> parameters, List<Operation> operations) {
    PathItem {
        parameters = List.copyOf(parameters);
        operations = List.copyOf(operations);
    }
}
