package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.DeleteOptions;
import io.keelson.apiserver.resource.GarbageCollection;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a deletion says comes before what stands in the object, and that before what is usual for its kind. */
class FinalizersTest {
    @ParameterizedTest
    @CsvSource({
        "DELETE, '', '', ''",
        "DELETE, ORPHAN, '', orphan",
        "DELETE, FOREGROUND, '', foregroundDeletion",
        "DELETE, '', a/b orphan, a/b orphan",
        "DELETE, '', foregroundDeletion orphan, foregroundDeletion",
        "DELETE, BACKGROUND, a/b orphan, a/b",
        "ORPHAN, '', '', orphan",
        "ORPHAN, '', a/b, a/b orphan",
        "ORPHAN, '', foregroundDeletion, foregroundDeletion",
        "ORPHAN, BACKGROUND, '', ''",
        "ORPHAN, FOREGROUND, orphan, foregroundDeletion",
        "UNSUPPORTED, FOREGROUND, '', ''",
        "UNSUPPORTED, ORPHAN, a/b orphan, a/b",
    })
    void saysWhatIsToBecomeOfWhatIsOwned(GarbageCollection usual, String asked, String present, String expected) {
        ObjectNode object = Json.object();
        ObjectMeta.setFinalizers(object, names(present));
        DeleteOptions.Propagation propagation = asked.isEmpty() ? null : DeleteOptions.Propagation.valueOf(asked);
        DeleteOptions options = new DeleteOptions(false, null, propagation, null, null, null);
        assertEquals(names(expected), Finalizers.forDeletion(object, options, usual));
    }

    private static List<String> names(String text) {
        return text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
    }
}
