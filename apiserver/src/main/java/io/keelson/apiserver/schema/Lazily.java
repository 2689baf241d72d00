package io.keelson.apiserver.schema;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes a value when it is first asked for, and keeps it. Threads that ask at the same time may each make it once. */
final class Lazily<T> implements Supplier<T> {
    private final Supplier<? extends T> maker;
    private volatile @Nullable T made;

    Lazily(Supplier<? extends T> maker) {
        this.maker = maker;
    }

    @Override
    public T get() {
        T value = made;
        if (value == null) {
            value = maker.get();
            made = value;
        }
        return value;
    }
}
