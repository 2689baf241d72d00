/**
 * The {@code kv} command line: what etcdctl 3.6 offers, with its flags, environment, formats, texts and exit codes.
 *
 * <p>The way of a command: {@link io.keelson.kvstore.cli.KvCommandLine} finds it in
 * {@link io.keelson.kvstore.cli.CommandTree} and parses its flags ({@link io.keelson.kvstore.cli.Arguments}); its class
 * ({@code GetCommand}, {@code LeaseCommands}, …) calls the cluster through an {@link io.keelson.kvstore.cli.Invocation}
 * and hands the answer to a {@link io.keelson.kvstore.cli.Printer}. A failure anywhere is a
 * {@link io.keelson.kvstore.cli.CommandFailure}, which carries the exit code.
 *
 * <p><b>Strings are bytes here.</b> Keys, values, arguments and output are arbitrary bytes, so inside this package a
 * {@code String} holds one byte per character (ISO 8859-1), as {@link io.keelson.kvstore.cli.ByteText} says; text that
 * came from elsewhere passes through it.
 *
 * <p>A command has to end quickly: classes are loaded only by the command that needs them, flags are parsed by hand as
 * pflag does (its grammar and error texts are part of what scripts rely on), and nothing here logs.
 */
@NullMarked
package io.keelson.kvstore.cli;

import org.jspecify.annotations.NullMarked;
