/// The real terminal, by ncurses.
package final class CursesScreen {}
