/**
 * What a component does as a process of its machine, whichever one it is: it works until it is told to end ({@link
 * io.keelson.controllers.process.GracefulShutdown}), closes what it has opened ({@link
 * io.keelson.controllers.process.Parts}), writes files that no crash leaves half done ({@link
 * io.keelson.controllers.process.WholeFile}), reads its configuration ({@link
 * io.keelson.controllers.process.ConfigurationText}), and asks what its machine is called ({@link
 * io.keelson.controllers.process.Host}). Nothing in here speaks to the API, or knows of a certain component.
 */
@NullMarked
package io.keelson.controllers.process;

import org.jspecify.annotations.NullMarked;
