package io.keelson.apiserver.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Column;
import java.util.List;
import java.util.function.UnaryOperator;

/** Columns of one version of a kind, shown of another: each object is converted before it is looked at. */
final class ConvertedColumns {
    private ConvertedColumns() {}

    /** @param conversion may change the copy that it is given */
    static List<Column> of(List<Column> columns, UnaryOperator<ObjectNode> conversion) {
        return columns.stream()
                .map(column -> new Column(
                        column.name(),
                        column.type(),
                        column.format(),
                        column.description(),
                        column.priority(),
                        (object, now) -> column.cell().of(conversion.apply(object.deepCopy()), now)))
                .toList();
    }
}
