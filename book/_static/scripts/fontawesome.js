// Takes the place of the theme's script of this name, which draws each icon as SVG and weighs 1.8 MB.
// The style sheet of the theme shows the same icons from a font, which every page loads in any case.
