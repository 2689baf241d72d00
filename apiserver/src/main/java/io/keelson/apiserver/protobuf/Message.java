package io.keelson.apiserver.protobuf;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message: its fields, in the order of their numbers. */
final class Message {
    private final String name;
    private final List<Field> fields;
    private final @Nullable Field[] byNumber;

    /** @param name as OpenAPI calls the definition, {@code io.k8s.api.core.v1.PodSpec} for example */
    Message(String name, List<Field> fields) {
        this.name = name;
        this.fields = List.copyOf(fields);
        byNumber = new @Nullable Field[fields.isEmpty() ? 1 : fields.getLast().number() + 1];
        fields.forEach(field -> byNumber[field.number()] = field);
    }

    String name() {
        return name;
    }

    List<Field> fields() {
        return fields;
    }

    /** Null if there is no field of that number. */
    @Nullable
    Field field(int number) {
        return number > 0 && number < byNumber.length ? byNumber[number] : null;
    }

    @Override
    public String toString() {
        return name;
    }
}
