package io.keelson.benchmarks.controllers;

import java.io.IOException;

/** Something that controllers do, in a namespace of its own. Without state: it is done several times. */
interface ControllerCase {
    /** What it is called on the command line. */
    String name();

    /** What is done, of a size. */
    String title(int size);

    /** The size for which something is wanted. */
    int usualSize();

    /** Within how many seconds it is to be done in its usual size; 0 if nothing is asked. */
    double wantedSeconds();

    /** Makes what has to be there before; what the controllers do about it is not measured. */
    void prepare(Playground playground, String namespace, int size) throws IOException, InterruptedException;

    /** Does it, and comes back when the controllers have followed. */
    void run(Playground playground, String namespace, int size) throws IOException, InterruptedException;
}
