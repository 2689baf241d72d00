package io.keelson.kvstore.crashpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.crashpoints.Instrumentation.Point;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that the code of a phase makes has one check in front of it, and nothing else is changed. */
class InstrumentationTest {
    private static final String COMPACTOR = "io/keelson/kvstore/mvcc/Compactor";
    private static final String OTHER = "io/keelson/kvstore/mvcc/HistoryKey";

    @Test
    void everyCallOfThePhaseIsChecked(@TempDir Path folder) throws Exception {
        Path jar = jar(folder, COMPACTOR, OTHER);
        byte[] other = bytes(jar, OTHER);
        List<Point> points = Instrumentation.instrument(folder, List.of(Phase.COMPACTION, Phase.START));

        ClassModel compactor = ClassFile.of().parse(bytes(jar, COMPACTOR));
        assertEquals(List.of(), ClassFile.of().verify(compactor));
        List<InvokeInstruction> calls = compactor.methods().stream()
                .flatMap(method -> method.code().stream())
                .flatMap(code -> code.elementStream())
                .<InvokeInstruction>mapMulti((CodeElement element, Consumer<InvokeInstruction> sink) -> {
                    if (element instanceof InvokeInstruction call) {
                        sink.accept(call);
                    }
                })
                .toList();
        String check = CrashPoint.class.getName().replace('.', '/');
        long checks = calls.stream()
                .filter(call -> call.owner().asInternalName().equals(check))
                .count();
        assertEquals(points.size(), checks);
        assertEquals(2 * checks, calls.size());
        assertEquals(
                points.size(),
                points.stream().map(Point::name).collect(Collectors.toSet()).size());
        assertTrue(points.stream().allMatch(point -> point.name().startsWith(COMPACTOR + ".")), points::toString);
        assertTrue(points.stream().anyMatch(point -> point.phases().equals(Set.of(Phase.COMPACTION))));
        assertTrue(points.stream()
                .filter(point -> point.name().startsWith(COMPACTOR + ".start("))
                .allMatch(point -> point.phases().equals(Set.of(Phase.COMPACTION, Phase.START))));
        assertEquals(-1, Arrays.mismatch(other, bytes(jar, OTHER)));
        try (JarFile changed = new JarFile(jar.toFile())) {
            assertNotNull(changed.getEntry(check + ".class"));
        }
    }

    @Test
    void aFolderWithoutCodeOfThePhasesIsRefused(@TempDir Path folder) throws Exception {
        var _ = jar(folder, OTHER);
        assertThrows(IOException.class, () -> Instrumentation.instrument(folder, List.of(Phase.COMPACTION)));
    }

    private static Path jar(Path folder, String... classes) throws IOException {
        Path file = folder.resolve("store.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file))) {
            for (String name : classes) {
                out.putNextEntry(new JarEntry(name + ".class"));
                try (InputStream in = InstrumentationTest.class.getResourceAsStream("/" + name + ".class")) {
                    assertNotNull(in, name);
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return file;
    }

    private static byte[] bytes(Path jar, String name) throws IOException {
        try (JarFile file = new JarFile(jar.toFile());
                InputStream in = file.getInputStream(file.getJarEntry(name + ".class"))) {
            return in.readAllBytes();
        }
    }
}
