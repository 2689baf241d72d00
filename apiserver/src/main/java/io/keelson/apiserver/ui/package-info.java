/**
 * The web page at {@code /ui/}: files that a browser gets without saying who it is, since there is nothing in them but the
 * page itself. Everything that the page shows it asks the API for, with the token of whoever logs in, as any other client.
 * {@code --enable-ui=false} takes it away.
 *
 * <p>The files are resources beside this package: {@code main.js} logs in and leads to views, {@code follow.js} lists and
 * watches, {@code past.js} looks into the past. They are served as they are; no text of the cluster is ever made markup.
 */
@NullMarked
package io.keelson.apiserver.ui;

import org.jspecify.annotations.NullMarked;
